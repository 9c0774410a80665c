import { getRouteApi } from '@tanstack/react-router'
import { localPath } from '@/config/paths'
import { SignIn } from '@/features/session/sign-in'
import { useTitle } from '@/lib/use-title'

const route = getRouteApi('/sign-in')

export function SignInPage() {
  useTitle('Sign in')
  const { return_to, reason, error } = route.useSearch()
  return <SignIn returnTo={localPath(return_to ?? '/')} reason={error ?? reason} />
}

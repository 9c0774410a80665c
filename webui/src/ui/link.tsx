import { Anchor, Button, type AnchorProps, type ButtonProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import { forwardRef, type ComponentPropsWithoutRef } from 'react'

type Plain = Omit<ComponentPropsWithoutRef<'a'>, keyof AnchorProps | 'color'>

const MantineAnchor = forwardRef<HTMLAnchorElement, AnchorProps & Plain>(function MantineAnchor(props, ref) {
  return <Anchor ref={ref} {...props} />
})

const MantineButton = forwardRef<HTMLAnchorElement, ButtonProps & Omit<ComponentPropsWithoutRef<'a'>, keyof ButtonProps>>(
  function MantineButton(props, ref) {
    return <Button component="a" ref={ref} {...props} />
  },
)

/** A link inside the app, in text. */
export const TextLink = createLink(MantineAnchor)

/** A link inside the app that looks like a button. */
export const ButtonLink = createLink(MantineButton)

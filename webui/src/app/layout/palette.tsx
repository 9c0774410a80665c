import { Modal } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type KeyboardEvent } from 'react'
import { findPeopleQuery } from '@/features/people/api'
import { findRequestsQuery } from '@/features/requests/api'
import { can, sessionQuery } from '@/features/session/api'
import { Icon, type IconName } from '@/ui/icons'
import { lookOf } from '@/ui/state-badge'
import { Truncate } from '@/ui/truncate'
import classes from './palette.module.css'
import { pages } from './pages'

interface Entry {
  id: string
  icon: IconName
  label: string
  detail: string
  go: () => void
}

/** Finds pages, people and requests by a few letters; arrows move, Enter opens, Escape closes. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const entries = useEntries(text.trim())
  const active = entries[Math.min(at, entries.length - 1)]

  function choose(entry: Entry | undefined) {
    if (!entry) return
    onClose()
    entry.go()
  }

  function onKeyDown(event: KeyboardEvent) {
    const last = entries.length - 1
    if (event.key === 'ArrowDown') setAt(at >= last ? 0 : at + 1)
    else if (event.key === 'ArrowUp') setAt(at <= 0 ? last : at - 1)
    else if (event.key === 'Enter') choose(active)
    else return
    event.preventDefault()
  }

  return (
    <Modal id="palette" opened onClose={onClose} withCloseButton={false} padding={0} yOffset="12vh" centered={false} size={560}
      attributes={{ content: { 'aria-label': 'Find people, requests and pages' } }}>
      <div className={classes.field}>
        <Icon name="search" />
        <input
          id="palette-input"
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={active?.id}
          aria-label="Find people, requests and pages"
          placeholder="Find people, requests and pages"
          autoComplete="off"
          data-autofocus
          className={classes.input}
          value={text}
          onKeyDown={onKeyDown}
          onChange={(event) => {
            setText(event.currentTarget.value)
            setAt(0)
          }}
        />
      </div>
      <ul id="palette-list" role="listbox" aria-label="Found" className={classes.list}>
        {entries.map((entry) => (
          <li
            key={entry.id}
            id={entry.id}
            role="option"
            aria-selected={entry === active}
            className={classes.entry}
            onMouseMove={() => {
              setAt(entries.indexOf(entry))
            }}
            onClick={() => {
              choose(entry)
            }}
            ref={(node) => {
              if (entry === active) node?.scrollIntoView({ block: 'nearest' })
            }}
          >
            <Icon name={entry.icon} size={16} />
            <span className={classes.words}>
              <Truncate text={entry.label} />
            </span>
            <span className={classes.detail}>
              <Truncate text={entry.detail} />
            </span>
          </li>
        ))}
      </ul>
      {entries.length === 0 && (
        <p className={classes.none} role="status">
          Nothing found. Try part of a name or an address.
        </p>
      )}
    </Modal>
  )
}

function useEntries(text: string): Entry[] {
  const navigate = useNavigate()
  const [asked] = useDebouncedValue(text, 200)
  const enabled = asked.length >= 2
  const { data: session } = useQuery(sessionQuery)
  const people = useQuery({ ...findPeopleQuery(asked), enabled: enabled && can(session, 'employees:read') })
  const requests = useQuery({ ...findRequestsQuery(asked), enabled: enabled && can(session, 'requests:read') })
  const places: Entry[] = pages
    .filter((page) => can(session, page.permission) && page.label.toLowerCase().includes(text.toLowerCase()))
    .map((page) => ({
      id: `palette-${page.id}`,
      icon: page.icon,
      label: page.label,
      detail: 'Page',
      go: () => void navigate({ to: page.to }),
    }))
  if (text.length < 2) return places
  return [
    ...places,
    ...(people.data?.items ?? []).map(
      (person): Entry => ({
        id: `palette-person-${person.id}`,
        icon: 'people',
        label: person.full_name,
        detail: person.work_email,
        go: () => void navigate({ to: '/people/$personId', params: { personId: person.id } }),
      }),
    ),
    ...(requests.data?.items ?? []).map(
      (request): Entry => ({
        id: `palette-request-${request.id}`,
        icon: 'list',
        label: request.employee.full_name,
        detail: `Request · ${lookOf(request.waits_for ?? request.state).label}`,
        go: () => void navigate({ to: '/requests/$requestId', params: { requestId: request.id } }),
      }),
    ),
  ]
}

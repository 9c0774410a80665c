import { UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { slug } from '@/lib/format'
import { Icon } from '@/ui/icons'
import classes from './steps.module.css'

export interface Step {
  key: string
  label: string
  /** The server refused something on it. */
  wrong?: boolean
}

interface StepsProps {
  steps: readonly Step[]
  current: string
  look: StepsLook
  /** The last step that can be gone to: everything before it is in order. */
  reach: number
  onGo: (step: string) => void
}

/** More steps than this do not fit a line. */
const FEW = 6

/** A line of names, a column beside the page, or a bar that says how far one is; a column is a bar where there is no room. */
export type StepsLook = 'line' | 'column' | 'bar'

/** How the steps are shown beside a page of their own. */
export function lookOfSteps(count: number): StepsLook {
  return count > FEW ? 'column' : 'line'
}

/** Where one is in the wizard, and the way to each step that can be shown. */
export function Steps({ steps, current, look, reach, onGo }: StepsProps) {
  const [open, setOpen] = useState(false)
  const at = steps.findIndex((step) => step.key === current)
  return (
    <nav aria-label={`Step ${at + 1} of ${steps.length}`} className={classes.nav} data-look={look}>
      {look !== 'line' && (
        <div className={classes.brief}>
          <UnstyledButton
            id="wizard-steps-toggle"
            className={classes.toggle}
            aria-expanded={open}
            aria-controls="wizard-steps"
            onClick={() => {
              setOpen(!open)
            }}
          >
            <span className={classes.where}>
              Step {at + 1} of {steps.length}
            </span>
            <span className={classes.next}>{steps[at + 1] === undefined ? 'the last one' : `next: ${steps[at + 1]?.label ?? ''}`}</span>
            <Icon name={open ? 'chevronDown' : 'chevronRight'} size={16} />
          </UnstyledButton>
          <span className={classes.bar} aria-hidden="true">
            {steps.map((step, index) => (
              <span key={step.key} data-done={index < at || undefined} data-current={index === at || undefined} data-wrong={step.wrong || undefined} />
            ))}
          </span>
        </div>
      )}
      <ol id="wizard-steps" className={classes.steps} data-open={open || undefined}>
        {steps.map((step, index) => (
          <li
            key={step.key}
            className={classes.step}
            data-done={(index < at && !step.wrong) || undefined}
            data-wrong={step.wrong || undefined}
            aria-current={index === at ? 'step' : undefined}
          >
            <span className={classes.mark} aria-hidden="true">
              {step.wrong ? <Icon name="warning" size={14} /> : index < at ? <Icon name="check" size={14} /> : index + 1}
            </span>
            {index !== at && index <= Math.max(reach, at - 1) ? (
              <UnstyledButton
                id={`wizard-step-${slug(step.key)}`}
                className={`${classes.link} ${classes.label}`}
                onClick={() => {
                  onGo(step.key)
                }}
              >
                {step.label}
              </UnstyledButton>
            ) : (
              <span className={classes.label}>{step.label}</span>
            )}
            {step.wrong && <span className="visually-hidden">needs a change</span>}
          </li>
        ))}
      </ol>
    </nav>
  )
}

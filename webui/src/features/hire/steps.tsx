import { UnstyledButton } from '@mantine/core'
import { slug } from '@/lib/format'
import { Icon } from '@/ui/icons'
import classes from './hire.module.css'

export interface Step {
  key: string
  label: string
}

/** Where one is in the wizard; the steps behind can be gone back to. */
export function Steps({ steps, current, onGo }: { steps: readonly Step[]; current: string; onGo: (step: string) => void }) {
  const at = steps.findIndex((step) => step.key === current)
  return (
    <nav aria-label={`Step ${at + 1} of ${steps.length}`}>
      <ol className={classes.steps}>
        {steps.map((step, index) => (
          <li key={step.key} className={classes.step} data-done={index < at || undefined} aria-current={index === at ? 'step' : undefined}>
            <span className={classes.stepMark} aria-hidden="true">
              {index < at ? <Icon name="check" size={14} /> : index + 1}
            </span>
            {index < at ? (
              <UnstyledButton
                id={`wizard-step-${slug(step.key)}`}
                className={`${classes.stepLink} ${classes.stepLabel}`}
                onClick={() => {
                  onGo(step.key)
                }}
              >
                {step.label}
              </UnstyledButton>
            ) : (
              <span className={classes.stepLabel}>{step.label}</span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}

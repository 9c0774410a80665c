import { describe, expect, it } from 'vitest'
import { actionOf, planApp, planOf, requestOf, resultOf } from '@/test/samples'
import { canRetry, inPlanOrder, isFinal, isMoving, lineOf, titleOf } from './progress'

describe('a request on its page', () => {
  it('carries its state in the title', () => {
    expect(titleOf(requestOf())).toBe('Running 1/3 · Mary Jackson')
    expect(titleOf(requestOf({ state: 'partial' }))).toBe('Partly done · Mary Jackson')
    expect(titleOf(requestOf({ waits_for: 'awaiting_person' }))).toBe('Waits for a person 1/3 · Mary Jackson')
  })

  it('shows the apps in the order of the plan', () => {
    const plan = planOf(planApp('google-workspace', []), planApp('microsoft-365', []))
    const request = requestOf({ plan, results: [resultOf('microsoft-365'), resultOf('google-workspace')] })
    expect(inPlanOrder(request).map((result) => result.app)).toEqual(['google-workspace', 'microsoft-365'])
  })

  it('is followed until nothing can change by itself', () => {
    expect(isMoving(requestOf())).toBe(true)
    expect(isMoving(requestOf({ state: 'completed' }))).toBe(false)
    expect(isFinal(requestOf({ state: 'completed', results: [resultOf('github', { state: 'awaiting_acceptance' })] }))).toBe(false)
    expect(isMoving(requestOf({ state: 'planned', plan: planOf() }))).toBe(false)
  })

  it('tells an app in one line; folded also what it is doing', () => {
    const actions = [actionOf(), actionOf({ state: 'running', title: 'Assign E3' }), actionOf({ state: 'awaiting_person' }), actionOf({ state: 'awaiting_acceptance' })]
    const result = resultOf('github', { state: 'running', actions })
    expect(lineOf(result, true)).toBe('1 of 4 actions done · 1 task for a person · 1 invitation out')
    const made = { ...result, account: { remote_id: '7', label: 'ada@acme.example', url: null } }
    expect(lineOf(made, true)).toMatch(/^ada@acme.example · /)
    expect(lineOf(made, false, true)).toMatch(/^1 of 4/)
    expect(lineOf({ ...made, account: { remote_id: 'invitation:9', label: 'invitation:9', url: null } }, true)).toMatch(/^1 of 4/)
    expect(lineOf(result, false)).toBe('1 of 4 actions done · 1 task for a person · 1 invitation out · Assign E3')
  })

  it('offers a retry where an action failed', () => {
    expect(canRetry(resultOf('google-workspace'))).toBe(false)
    expect(canRetry(resultOf('google-workspace', { state: 'running', actions: [actionOf({ state: 'failed' })] }))).toBe(true)
  })
})

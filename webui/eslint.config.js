import { readdirSync } from 'node:fs'
import hooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

const features = readdirSync(new URL('./src/features', import.meta.url))
const relative = {
  regex: '^\\.\\./\\.\\.',
  message: 'Climb at most one folder; name the rest with "@/".',
}

/** The walls between the folders, made from the folder list: a new feature is walled in the moment it exists. */
const zones = [
  ...features.map((name) => ({
    files: [`src/features/${name}/**`],
    patterns: [
      { regex: `^@/features/(?!${name}(/|$))`, message: 'Features meet in app/, not in each other.' },
      { regex: `^@/app(/|$)`, message: 'app/ knows the features; a feature does not know app/.' },
      { regex: `^\\.\\./(${features.filter((other) => other !== name).join('|') || 'none'})(/|$)`, message: 'Features meet in app/.' },
    ],
  })),
  ...['api', 'ui', 'forms', 'lib', 'config'].map((name) => ({
    files: [`src/${name}/**`],
    patterns: [{ regex: '^@/(features|app)(/|$)', message: 'Shared folders know neither features nor app/.' }],
  })),
]

export default tseslint.config(
  { ignores: ['dist', 'dist-mock', 'node_modules', 'src/api/generated', 'public'] },
  ...tseslint.configs.strict,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'no-restricted-imports': ['error', { patterns: [relative] }],
      'no-eval': 'error',
      'no-new-func': 'error',
      eqeqeq: ['error', 'smart'],
    },
  },
  ...zones.map(({ files, patterns }) => ({
    files,
    rules: { 'no-restricted-imports': ['error', { patterns: [relative, ...patterns] }] },
  })),
  { files: ['src/features/**', 'src/ui/**', 'src/forms/**', 'src/app/**'], rules: { 'no-console': 'error' } },
)

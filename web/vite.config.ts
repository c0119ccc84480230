import { reactRouter } from '@react-router/dev/vite'
import tailwindcss from '@tailwindcss/vite'
import { defineConfig } from 'vite'

export default defineConfig(({ command }) => ({
  plugins: [tailwindcss(), reactRouter()],
  environments: {
    client: {
      build: {
        rolldownOptions: {
          output: {
            codeSplitting: {
              groups: [
                // The framework changes seldom, and stays in the browser's cache when our own code changes. What speaks
                // with passkeys is loaded when one is used.
                { name: 'framework', test: /node_modules\/(?!@simplewebauthn)|vite\/preload-helper/ },
                // Twenty files of 300 bytes each would cost more in headers than in content.
                { name: 'shared', test: /app\/(parts|format|poster|texts\/(use|plural|languages))/, minShareCount: 3 },
              ],
            },
          },
        },
      },
    },
    ssr: {
      // One self-contained file with React's production build in it, whatever NODE_ENV is at run time.
      resolve: { noExternal: command === 'build' ? true : [] },
      build: { rolldownOptions: { input: './app/render.ts' } },
    },
  },
  define: command === 'build' ? { 'process.env.NODE_ENV': '"production"' } : {},
  // No data: URLs, so that the content security policy need not allow them.
  build: { assetsInlineLimit: 0 },
  logLevel: 'warn',
}))

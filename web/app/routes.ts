// The table of contents: every page, and the file that renders it.

import { index, type RouteConfig, route } from '@react-router/dev/routes'
import { sitePageNames } from '../server/visit.ts'

export default [
  // Browsing
  index('pages/home.tsx'),
  route('tickets', 'pages/ticket-list.tsx'),
  route('events/:id', 'pages/event.tsx'),
  route('events/:id/poster.svg', 'pages/event-poster.ts'),
  route('tickets/:id', 'pages/ticket.tsx'),

  // Selling
  route('sell', 'pages/sell.tsx'),
  route('tickets/:id/edit', 'pages/edit-ticket.tsx'),

  // Buying
  route('orders/:id', 'pages/order.tsx'),

  // What is mine
  route('my-tickets', 'pages/bought.tsx'),
  route('my-tickets/selling', 'pages/selling.tsx'),
  route('my-tickets/selling/refund/:id', 'pages/refund.tsx'),

  // Who I am
  route('sign-in', 'pages/sign-in.tsx'),
  route('sign-in/second', 'pages/sign-in-second.tsx'),
  route('sign-in/second/options', 'pages/second-step-options.ts'),
  route('sign-up', 'pages/sign-up.tsx'),
  route('sign-out', 'pages/sign-out.tsx'),
  route('account', 'pages/account.tsx'),
  route('account/erasure', 'pages/erasure.tsx'),
  route('erased', 'pages/erased.tsx'),
  route('account/data', 'pages/data.tsx'),
  route('account/data.json', 'pages/data-file.ts'),
  route('account/security', 'pages/security.tsx'),
  route('prove', 'pages/prove.tsx'),
  route('confirm/:token', 'pages/confirm.tsx'),
  route('undo/:token', 'pages/undo.tsx'),
  route('forgot', 'pages/forgot.tsx'),
  route('reset/:token', 'pages/reset.tsx'),
  route('language', 'pages/choose-language.ts'),

  // What I was told
  route('notices', 'pages/notices.tsx'),
  route('unsubscribe/:token', 'pages/unsubscribe.tsx'),
  route('dev/mail', 'pages/mailbox.tsx'),
  route('dev/mail/:id', 'pages/mailbox-mail.tsx'),
  route('dev/mail/:id/html', 'pages/mailbox-html.ts'),

  // Administration
  route('admin', 'pages/admin.tsx', [
    index('pages/admin-start.ts'),
    route('users', 'pages/admin-users.tsx'),
    route('tickets', 'pages/admin-tickets.tsx'),
    route('orders', 'pages/admin-orders.tsx'),
    route('orders/:id', 'pages/admin-order.tsx'),
    route('messages', 'pages/admin-messages.tsx'),
    route('books', 'pages/admin-books.tsx'),
    route('audit', 'pages/admin-audit.tsx'),
  ]),

  // About the site
  ...sitePageNames.map((name) => route(name, 'pages/site-page.tsx', { id: name })),

  // For machines
  route('robots.txt', 'pages/robots.ts'),
  route('sitemap.xml', 'pages/sitemap.ts'),

  route('*', 'pages/not-found.ts'),
] satisfies RouteConfig

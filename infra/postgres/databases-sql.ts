// The databases of the services as SQL for psql: for a server that we do not start ourselves, and for compose. For each
// service:
//
//   <service>         owns the database of the same name; may connect to that one only
//   <service>_reader  may connect to it and use schema public; the service's migrations grant what it may read
//
// tests/databases-sql.test.ts compares it with what `npm start` creates.

/**
 * An open transaction holds back the message logs of the whole server, so neither an idle nor a long one may
 * stay open.
 */
const settings = { idle_in_transaction_session_timeout: '10s', transaction_timeout: '30s' }

/** Statements for an empty server, to be run as its superuser. `passwordOf` is called for each role. */
export function databasesSql(services: readonly string[], passwordOf: (role: string) => string): string {
  const statements = services.flatMap((service) => {
    const [database, reader] = [identifier(service), identifier(`${service}_reader`)]
    return [
      `create role ${database} login password ${literal(passwordOf(service))}`,
      `create role ${reader} login password ${literal(passwordOf(`${service}_reader`))}`,
      ...[database, reader].flatMap((role) =>
        Object.entries(settings).map(([key, value]) => `alter role ${role} set ${key} = ${literal(value)}`),
      ),
      `create database ${database} owner ${database}`,
      // Without CONNECT only the owner and superusers can connect: this is the wall between the services.
      `revoke all on database ${database} from public`,
      `grant connect on database ${database} to ${database}, ${reader}`,
    ]
  })
  const others = ['postgres', 'template1'].map(
    (database) => `revoke all on database ${identifier(database)} from public`,
  )
  // Superusers too: an operator may go to lunch in the middle of a transaction.
  const everybody = `alter role all set idle_in_transaction_session_timeout = '60s'`
  return [everybody, ...statements, ...others].map((statement) => `${statement};\n`).join('')
}

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`

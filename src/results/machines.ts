/** The machines of a trial: the server's, and the load generator's. */
import type { TrialHeader } from './record.ts'

type Hosts = Pick<TrialHeader, 'host' | 'serverHost'>

/** The id of the machine on which the server ran, as far as exp knows it. */
export function serverMachineId({ host, serverHost }: Hosts): string {
  return serverHost?.id ?? host.id
}

/** A text that is equal for two trials if both their servers and their load generators ran on the same machines. */
export function machinesOf({ host, serverHost }: Hosts): string {
  return serverHost === undefined ? host.id : `${serverHost.id} from ${host.id}`
}

// A run of the labs that makes a namespace and a process in it, says so, and then waits to be killed.
import { startDaemon } from '../lab/support/daemon.ts';
import { createNamespace, openLab } from '../lab/support/lab.ts';
import { openRecord } from '../lab/support/record.ts';

const record = openRecord();
const lab = openLab(record, 'killed', '');
const space = await createNamespace(lab, 'hv1');
const daemon = startDaemon(lab, 'ping', space, ['ping', '127.0.0.1']);
process.stdout.write(`${JSON.stringify({ namespace: space.id, folder: record.folder, process: daemon.identity })}\n`);
setInterval(() => undefined, 1 << 30);

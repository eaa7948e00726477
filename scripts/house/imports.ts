import { type Check, type HouseFile, isIn, isTypeScript, type Violation } from './file';
import { ARCHITECTURE, type Rooms, readRooms } from './rooms';
import { importsOf, targetOf } from './syntax';

/** Folders of code that may import each other's insides; of all others only the entrance is open. */
const HOUSE = ['topology', 'lambdas', 'local', 'cli', 'console', 'lib', 'bin'];
/** Rooms of `lib/`; the rest of it, stacks and what they share, is open within the folder and to `bin/`. */
const ROOMS_OF_LIB = ['alarms', 'configuration', 'plan'];
/** What `lambdas/` may import outside itself. */
const OPEN_TO_LAMBDAS = ['topology'];

/** Rooms import as the architecture allows, and enter each other by the front door. */
export const imports: Check = (files) => {
  const rooms = readRooms(files);
  return files
    .filter((file) => isTypeScript(file) && HOUSE.some((folder) => isIn(folder)(file)))
    .flatMap((file) =>
      importsOf(file).flatMap(({ specifier, line }) => {
        const target = targetOf(file, specifier);
        const message = target === undefined ? undefined : reasonAgainst(file, target, rooms);
        return message === undefined ? [] : [{ path: file.path, line, message }];
      }),
    );
};

function reasonAgainst({ path }: HouseFile, target: string, rooms: Rooms): string | undefined {
  const [fromFolder, fromRoom = ''] = path.split('/');
  const [toFolder = '', toRoom = '', ...inside] = target.split('/');
  if (fromFolder === 'topology' && toFolder !== 'topology') return 'topology is plain data: it imports nothing';
  if (fromFolder === 'lambdas' && toFolder !== 'lambdas' && !OPEN_TO_LAMBDAS.includes(toFolder)) {
    return `lambdas/ must not import ${toFolder}/`;
  }
  if (toFolder === 'topology' && fromFolder !== 'topology' && !isEntrance(target, 'topology')) {
    return 'topology is entered by its index.ts';
  }
  if (toFolder === 'lib') return reasonAgainstLib(fromFolder ?? '', fromRoom, toRoom, inside);
  if (toFolder !== 'lambdas') return undefined;
  const entered = inside.length > 0 && !isEntrance(target, `lambdas/${toRoom}`);
  if (fromFolder !== 'lambdas') return entered ? enteredBy(toRoom) : undefined;
  if (fromRoom === toRoom) return undefined;
  const may = rooms.get(fromRoom);
  if (may === undefined) return `the room ${fromRoom} is not in the table of ${ARCHITECTURE}`;
  if (!may.has(toRoom)) return `${fromRoom} must not import ${toRoom}: see the table of ${ARCHITECTURE}`;
  return entered ? enteredBy(toRoom) : undefined;
}

/** What is deployed knows nothing of its deployment. */
function reasonAgainstLib(
  fromFolder: string,
  fromRoom: string,
  toRoom: string,
  inside: readonly string[],
): string | undefined {
  if (!['lib', 'bin'].includes(fromFolder)) return `${fromFolder}/ must not import lib/`;
  const isInside = inside.length > 0 && inside.join('/') !== 'index';
  return ROOMS_OF_LIB.includes(toRoom) && fromRoom !== toRoom && isInside ? enteredBy(toRoom) : undefined;
}

function isEntrance(target: string, folder: string): boolean {
  return target === folder || target === `${folder}/index`;
}

function enteredBy(room: string): string {
  return `the room ${room} is entered by its index.ts`;
}

/** Client libraries, each with the only places that may import it. */
const CLIENTS: readonly (readonly [RegExp, ...string[]])[] = [
  [/^@aws-sdk\/(client|lib|util)-dynamodb$/, 'lambdas/arbiter/'],
  [/^(ioredis|redis)$/, 'lambdas/cache/'],
  [/^mysql2?$/, 'lambdas/shards/'],
  [/^@opensearch-project\//, 'lambdas/search/'],
  [/^@aws-sdk\/client-(sns|sqs)$/, 'lambdas/sync/'],
  [/^@aws-sdk\/client-secrets-manager$/, 'lambdas/configuration/'],
  // Two stores in one: where things are, which deployments change, and switches, which operators turn.
  [/^@aws-sdk\/client-ssm$/, 'lambdas/configuration/', 'lambdas/switches/'],
  [/^@aws-sdk\/client-rds$/, 'lambdas/failover/'],
  // Requests are forwarded by one call of it, and consumers stopped by another.
  [/^@aws-sdk\/client-lambda$/, 'lambdas/handlers/forward.ts', 'lambdas/sync/event-sources.ts'],
];

/** Each client library has one importer for each store in `lambdas/`, so that one room knows how the store behaves. */
export const clients: Check = (files) =>
  files.filter((file) => isTypeScript(file) && isIn('lambdas')(file)).flatMap(clientsIn);

function clientsIn(file: HouseFile): Violation[] {
  return importsOf(file).flatMap(({ specifier, line }) => {
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    const client = CLIENTS.find(([pattern]) => pattern.test(specifier) || pattern.test(name));
    if (client === undefined) {
      const message = `no room is named for ${name}: add it to scripts/house/imports.ts`;
      return name.startsWith('@aws-sdk/client-') ? [{ path: file.path, line, message }] : [];
    }
    const [, ...owners] = client;
    const message = `${name} is imported by ${owners.join(' and ')} only`;
    return owners.some((owner) => file.path.startsWith(owner)) ? [] : [{ path: file.path, line, message }];
  });
}

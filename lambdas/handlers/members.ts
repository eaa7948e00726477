import { setTimeout as delay } from 'node:timers/promises';
import { CLASS_RULES, DOMAIN_NAMES, type Operation, otherRegion, type Region, type TrafficClass } from '../../topology';
import { type Config, Problem, unavailable } from '../core';
import { AccountFinder, KeyFinder, MemberCopies, MemberReader, MemberWriter, Registrar } from '../members';
import { boundedBy, Deadline } from '../resilience';
import { PreferredDomains } from '../search';
import type { RegionMode, Snapshot } from '../switches';
import { Publisher } from '../sync';
import { AppliedRules, createGuards, HotAccounts, Reporter } from '../traffic';
import { accountIn, type Call } from './call';
import { closeDomains, openDomains } from './domains';
import { type Environment, openArbiter, openCache, openShards, openSwitches } from './environment';
import { Features } from './features';
import { Forwarder } from './forward';
import { defineFunction, type Invocation } from './function';
import { checkDependencies } from './health';
import {
  answerToError,
  createRouter,
  type Headers,
  type HttpAnswer,
  headersOf,
  json,
  openapiText,
  problemAnswer,
  queryOf,
  readTrace,
  servingBoth,
  type Trace,
} from './http';
import { type Measured, Metering } from './metering';
import { PLACES } from './places';
import { Reading } from './reading';
import { type ForwardableEvent, Writing } from './writing';

const DEADLINE_MS = 8000;
/** What is left of a deadline for turning a late outcome into an answer. */
const RESERVE_MS = 100;
/** How long a look at the switches may hold up what needs no other switch. */
const PROBE_WAITS_MS = 500;
/** Whoever was sent to a region that is stopped asks again after this long. */
const STOPPED_RETRY_MS = 5000;

const members = defineFunction(openMembers, refuse);

export const { close } = members;
/** Called by API Gateway, by the load balancer of a stage's internal entry, and by the other region's function. */
export const handler = servingBoth(members.handler);

function openMembers(environment: Environment) {
  const { config, clock, log, metrics } = environment;
  const trafficClass = requireClass(config);
  const { region } = config;
  const places = PLACES[trafficClass];
  const arbiter = openArbiter(environment, places.arbiter);
  const cache = openCache(environment);
  const shards = openShards(environment, places.connections, places.databases);
  const domains = openDomains(environment);
  const switches = openSwitches(environment, arbiter, cache);
  const preferred = new PreferredDomains({
    domains,
    limited: { ...places.domains, mustAnswer: places.mustAnswer },
    clock,
    log,
    metrics,
  });
  const publisher = new Publisher({ endpoints: config.endpoints, clock, log, metrics });
  const forwarder = new Forwarder({
    functionName: config.functionName,
    endpoints: config.endpoints,
    place: places.regions,
    clock,
    log,
    metrics,
  });
  const preference = ({ search }: Snapshot) => search[trafficClass];

  const parts = { region, arbiter, cache, shards, switches, publisher, clock, log };
  const writer = new MemberWriter(parts, domains);
  const registrar = new Registrar(parts, writer);
  const reader = new MemberReader({
    cache,
    switches,
    copies: new MemberCopies({
      shards,
      domains: preferred,
      region,
      preference,
      commands: arbiter.commands,
      isMasked: CLASS_RULES[trafficClass].masked,
      mustAnswer: places.mustAnswer,
    }),
  });
  const accounts = new AccountFinder({
    region,
    arbiter,
    cache,
    shards,
    switches,
    domains: preferred,
    reader,
    preference,
  });
  const keys = new KeyFinder({ domains: preferred, reader, switches, preference });
  const features = new Features({ log, metrics });
  const reading = new Reading({ config, trafficClass, reader, accounts, keys, domains: preferred, switches, features });
  const writing = new Writing({ config, clock, trafficClass, writer, registrar, switches, forwarder });

  const match = createRouter(trafficClass);
  const metering = new Metering(metrics);
  const rules = new AppliedRules({ region, trafficClass, store: cache, clock, metrics });
  const reporter = new Reporter({ rules, store: { report: cache.reportCalls }, trafficClass, clock });
  const hotAccounts = new HotAccounts({
    clock,
    metrics,
    tallies: {
      reads: { exchange: (rates) => cache.tally('reads', rates) },
      writes: { exchange: (rates) => cache.tally('writes', rates) },
    },
  });
  const admit = createGuards({
    registry: arbiter.callers,
    callersRevision: () => followed?.callers ?? 0,
    clock,
    rules,
    hotAccounts,
  });

  const OPERATIONS: Readonly<Record<Exclude<Operation, 'health' | 'openapi'>, (call: Call) => Promise<HttpAnswer>>> = {
    registerMember: (call) => writing.registerMember(call),
    getMember: (call) => reading.getMember(call),
    patchMember: (call) => writing.patchMember(call),
    closeMember: (call) => writing.closeMember(call),
    bindAccount: (call) => writing.bindAccount(call),
    unbindAccount: (call) => writing.unbindAccount(call),
    findByAccount: (call) => reading.findByAccount(call),
    findByKey: (call) => reading.findByKey(call),
    batchMembers: (call) => reading.batchMembers(call),
    searchMembers: (call) => reading.searchMembers(call),
  };

  /** One request of this function's traffic class. */
  async function handler(event: ForwardableEvent, invocation?: Invocation): Promise<HttpAnswer> {
    const headers = headersOf(event);
    const trace = readTrace(headers);
    const request: Measured = {
      beganAtMs: clock.monotonicMs(),
      isForwarded: event.forwarded !== undefined,
      operation: undefined,
      caller: undefined,
    };
    try {
      const answered = await answer(event, headers, trace, request, invocation);
      metering.answered(request, answered, clock.monotonicMs());
      return answered;
    } catch (error) {
      metering.failed(request, error, clock.monotonicMs());
      return answerToError(error, trace, log);
    }
  }

  async function answer(
    event: ForwardableEvent,
    headers: Headers,
    trace: Trace,
    request: Measured,
    invocation: Invocation | undefined,
  ): Promise<HttpAnswer> {
    const deadline = deadlineOf(event, invocation);
    const { route, parameters } = match(event.httpMethod, event.path);
    const { operation, writes } = route;
    request.operation = operation;
    const isDeep = operation === 'health' && queryOf(event).deep?.[0] === '1';
    const mode = regionMode();
    const standing = mode instanceof Promise ? await mode : mode;
    if (standing === 'fenced' || (standing === 'draining' && operation === 'health')) throw stopped(region, standing);
    if (operation === 'openapi') return json(200, openapiText());
    if (operation === 'health' && !isDeep) return json(200, '{"status":"ok"}');
    const { isForwarded } = request;
    const apiKey = headers['x-api-key'];
    const account = accountIn(parameters);
    const admitted = admit({
      apiKey,
      trafficClass,
      operation,
      writes,
      isForwarded,
      account,
      deadline,
      waiting: invocation?.waiting,
      identified: request,
    });
    const caller = admitted instanceof Promise ? await boundedBy(deadline, admitted, 'a guard') : admitted;
    if (operation === 'health') {
      if (features.isGivenUp('deep-health')) return json(200, '{"status":"ok"}', { Degraded: 'default' });
      const checked = checkDependencies({ arbiter, cache, shards, domains, clock });
      return json(200, JSON.stringify(await boundedBy(deadline, checked, 'a dependency')));
    }
    const current = switches.current();
    followSwitches(
      current instanceof Promise ? await boundedBy(deadline, current, 'what knows the switches') : current,
    );
    return OPERATIONS[operation]({ event, headers, parameters, caller, trace, deadline });
  }

  /** Before all that wait for the answer: the function that forwarded, and the invocation, which a cold start may have used up. */
  function deadlineOf(event: ForwardableEvent, invocation: Invocation | undefined): Deadline {
    const waitsMs = event.forwarded?.waitsMs ?? Number.POSITIVE_INFINITY;
    const leftMs = invocation?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY;
    return Deadline.after(Math.min(DEADLINE_MS, Math.min(waitsMs, leftMs) - RESERVE_MS), clock);
  }

  /** Where no switch was ever known here, and within the time that a probe waits: `active`. */
  function regionMode(): RegionMode | Promise<RegionMode> {
    const current = switches.current();
    if (!(current instanceof Promise)) return followSwitches(current);
    const known = current.then(followSwitches, () => 'active' as const);
    return Promise.race([known, delay(PROBE_WAITS_MS, 'active' as const, { ref: false })]);
  }

  let followed: Snapshot | undefined;

  /** Cache and guards work as the snapshot says; asking for it is what keeps the snapshot young. */
  function followSwitches(snapshot: Snapshot): RegionMode {
    if (snapshot === followed) return snapshot.regions[region];
    followed = snapshot;
    cache.setMode(snapshot.caches[region].mode);
    cache.setGeneration(snapshot.caches[region].generation);
    hotAccounts.follow(snapshot.hotAccounts);
    rules.follow(snapshot.traffic, snapshot.regions[otherRegion(region)] === 'fenced');
    features.follow(snapshot.degrade);
    preferred.isolate(DOMAIN_NAMES.filter((name) => snapshot.degrade[`domain-${name}`] === 'on'));
    forwarder.isolate(snapshot.degrade.forwarding === 'on');
    return snapshot.regions[region];
  }

  async function close(): Promise<void> {
    reporter.close();
    publisher.close();
    forwarder.close();
    await Promise.all([cache.close(), shards.close(), closeDomains(domains)]);
    arbiter.close();
  }

  return { handler, close };
}

function requireClass({ trafficClass }: Config): TrafficClass {
  if (trafficClass === undefined) throw new Error('TWINKEEP_CLASS is missing: this function serves one class');
  return trafficClass;
}

function stopped(region: Region, mode: RegionMode): Problem {
  return new Problem('STOPPED', { detail: `region ${region} is ${mode}`, retryAfterMs: STOPPED_RETRY_MS });
}

/** Who called may come again: by then this environment, or another, may have started. */
function refuse(cause: Error, event: ForwardableEvent): HttpAnswer {
  return problemAnswer(unavailable('this function could not start', cause), readTrace(headersOf(event)));
}

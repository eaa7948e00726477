import { nicenessOf } from '../../../local/system/niceness';

test('who answers goes before what is asked for it, and that before what follows an answer', () => {
  const answers = nicenessOf({ kind: 'functions', role: 'api' });
  const asked = [
    nicenessOf({ kind: 'mariadb', role: 'writer' }),
    nicenessOf({ kind: 'redis', role: 'cache' }),
    nicenessOf({ kind: 'opensearch', role: 'order' }),
    nicenessOf({ kind: 'front', role: 'front' }),
  ];
  const follows = [
    nicenessOf({ kind: 'functions', role: 'tasks' }),
    nicenessOf({ kind: 'sqs', role: 'queues' }),
    nicenessOf({ kind: 'opensearch', role: 'marketing' }),
    nicenessOf({ kind: 'opensearch', role: 'standby' }),
  ];
  expect(answers).toBeLessThan(Math.min(...asked));
  expect(Math.max(...asked)).toBeLessThan(Math.min(...follows));
});

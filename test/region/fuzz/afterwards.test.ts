import { agreement } from './support/agreement';

test('whatever was sent, all stores agree, and no claim is pending', agreement, 300_000);

import { untilStoresAgree } from '../support/agreement';

test('whatever was sent, all stores agree, and no claim is pending', untilStoresAgree, 300_000);

import { isJava17, isMariadb, isMaven3, isPython310, isRedis7 } from '../../../local/engines/install/programs';

test.each([
  ['mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)', true],
  ['mariadbd  Ver 11.8.2-MariaDB-ubu2404 for debian-linux-gnu on x86_64', true],
  ['mariadbd  Ver 10.6.18-MariaDB for Linux on x86_64', false],
  ['/usr/sbin/mysqld  Ver 8.0.39 for Linux on x86_64 (MySQL Community Server - GPL)', false],
])('MariaDB: %s', (text, fits) => expect(isMariadb(text)).toBe(fits));

test.each([
  ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', true],
  ['Redis server v=8.2.0 sha=00000000:0', true],
  ['Redis server v=6.2.14 sha=00000000:0', false],
  ['', false],
])('Redis: %s', (text, fits) => expect(isRedis7(text)).toBe(fits));

test.each([
  ['openjdk version "17.0.15" 2025-04-15', true],
  ['openjdk version "21" 2023-09-19', true],
  ['java version "1.8.0_412"', false],
  ['openjdk version "11.0.23" 2024-04-16', false],
])('Java: %s', (text, fits) => expect(isJava17(text)).toBe(fits));

test.each([
  ['Apache Maven 3.8.7', true],
  ['Apache Maven 2.2.1', false],
])('Maven: %s', (text, fits) => expect(isMaven3(text)).toBe(fits));

test.each([
  ['3.11\n', true],
  ['3.9\n', false],
  ['2.7\n', false],
])('Python: %s', (text, fits) => expect(isPython310(text)).toBe(fits));

/** A password in clear text is told, whatever it looks like; hashes and locks are none. */
import { describe, expect, test } from 'vitest';
import { judgePassword } from '../../src/sources/clear-password.ts';
import { checkUserData } from '../../src/sources/user-data.ts';

const told = (passwd: string): readonly string[] =>
  checkUserData(`#cloud-config\nusers: [{name: a, groups: [admin], passwd: ${passwd}}]\nstages: {boot: [{users: {b: {passwd: ${passwd}}}}]}\n`, 'user-data')
    .map(({ id, where, what }) => `${id} ${where}${what.includes('nobody gets in') ? ', unusable' : ''}`);

const places = ['password-in-clear user-data:2:36 users[0].passwd', 'password-in-clear user-data:3:30 stages.boot[0].users.b.passwd'];

describe('in clear text', () => {
  test.each(['opensesame', '12345678', '0123', '1.5', 'true', '"12345678"', 'x', '"**"', '"rounds$5$a$b"'])('%s', (passwd) => {
    expect(told(passwd)).toEqual(places);
  });

  // yip takes these for hashes: they are in the file and in /etc/shadow, and open nothing.
  test.each(['"$ecretPass1"', '"!Secret123"', '"$6$nothing-behind-the-salt"', '"$6$salt$"', '"$ecret$Pass$1"', '"!$ecret$x$y"', '"!!!"'])('%s, and useless', (passwd) => {
    expect(told(passwd)).toEqual(places.map((place) => `${place}, unusable`));
  });
});

test.each([
  '$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/',
  '$2b$12$GhvMmNVjRW29ulnudl.LbuAnUtN/LRfe1JsBm1Xu6LE3059z5Tr8m',
  '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy',
  '$3$$8846f7eaee8fb117ad06bdd830b7586c',
  '$5$rounds=10000$saltstringsaltst$3xv.VbSCBX41eDL9L3voMFbHJBaoPMIVJ3dhJRFbyo.',
  '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1',
  '$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0',
  '$7$CU..../....2Q9obwLhin8qvQl6sisAO/$sXqLu4NKpsvf.hVJJE4PMaYlGgrdBJqNFFWhwJqlZ/8',
  '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7',
  '$gy$j9T$nVb4gHc0WxjEVnYN0ZZgY.$2aMqwQT0a1pnQYQ5YdNk6.2MwSzpWVL2TN0lUwRVqr4',
  '!$6$salt$hash',
  '!!$y$j9T$salt$hash',
  '!',
  '!!',
  '!*',
  '*',
  '',
  '{{ .Values.password }}',
  null,
  undefined,
])('no clear text: %j', (passwd) => {
  expect(judgePassword(passwd)).toBe('fine');
});

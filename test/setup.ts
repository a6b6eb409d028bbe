// Screens must look the same wherever the tests run.
process.env['TZ'] = 'UTC';
process.env['TERM'] = 'xterm-256color';
process.env['LC_ALL'] = 'C.UTF-8';
process.env['FORCE_COLOR'] = '1';
delete process.env['NO_COLOR'];
delete process.env['CI'];

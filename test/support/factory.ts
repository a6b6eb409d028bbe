/** A small factory configuration with strings that are easy to find again. */

export const userData = `#cloud-config
# The node's own configuration: all of this stays.
hostname: factory-node
users:
  - name: operator
    passwd: "$6$kairosdemo$zvDPtn6mzcIx9xSAbYeYs2Ddl/EVr6XRxW6jaCVUNvZzmAbPL4pG7gB0UMOhlJbM3tcbLJfo1GNJ9LOuxoFBc/"
    groups: [admin]
write_files:
  - path: /etc/motd
    permissions: 0644
    content: |
      Welcome.
stages:
  boot:
    - name: Say hello
      commands:
        - echo hello
  after-install: # only while installing
    - commands:
        - echo USERDATA-STAGE-SECRET-99 > /tmp/seen
install:
  grub_options:
    extra_cmdline: slipway.sample.poweroff
  auto: true
`;

/** Every string of installer-data that must not be found on the target, 8 bytes or longer. */
export const secrets = ['ENROL-TOKEN-4711-ABCDEFGH', 'provision-me-quietly', 'https://factory.invalid/enrol', 'FILE-CONTENT-SECRET-77', 'comment-secret-13-37'] as const;

export const installerData = `#cloud-config
# comment-secret-13-37
stages:
  before-install:
    - name: provision-me-quietly
      files:
        - path: /etc/slipway-test/token
          permissions: 0600
          content: |
            FILE-CONTENT-SECRET-77
            ENROL-TOKEN-4711-ABCDEFGH
      commands:
        - sha256sum /etc/slipway-test/token | cut -c1-16 > /run/cos/oem/device-id
        - 'echo "enrolling at https://factory.invalid/enrol" >&2'
  after-install:
    - if: test -s /run/cos/oem/device-id
      commands:
        - cat /etc/slipway-test/token
slipway:
  finish: none
`;

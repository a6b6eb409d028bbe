import { describe, expect, test } from 'vitest';
import { grubConfig, mbrBootCode, placedCore } from '../../src/engine/builtin/grub.ts';
import { uuidFor } from '../../src/engine/builtin/uuids.ts';

const hash = 'ab'.repeat(32);

describe('GRUB without grub-install', () => {
  test('boot.img learns where core.img is, and only its 440 bytes are used', () => {
    const code = Buffer.from(mbrBootCode(Buffer.alloc(512, 0x11), 2048 * 512));
    expect(code.length).toBe(440);
    expect(code.readBigUInt64LE(0x5c)).toBe(2048n);
    expect([code[0x66], code[0x67]]).toEqual([0x90, 0x90]);
  });

  test('core.img learns its own place, in whole sectors', () => {
    const core = Buffer.from(placedCore(Buffer.alloc(1000, 7), 4096 * 512));
    expect(core.length).toBe(1024);
    expect(core.readBigUInt64LE(0x1f4)).toBe(4097n);
    expect(core.readUInt16LE(0x1fc)).toBe(1);
  });

  test('entries are found by UUIDs of this plan, and a title cannot break out of its quotes', () => {
    const text = grubConfig(hash, 'Evil" { reboot } $x `');
    expect(text).toContain('menuentry "Evil  reboot  x "');
    expect(text).toContain(`search --no-floppy --fs-uuid --set=root ${uuidFor(hash, 'COS_STATE')}`);
    expect(text.match(/^menuentry/gm)).toHaveLength(3);
    expect(uuidFor(hash, 'COS_STATE')).not.toBe(uuidFor('cd'.repeat(32), 'COS_STATE'));
  });
});

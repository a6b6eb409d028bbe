/**
 * The boot code of a disk whose install is unfinished: it says so and hands over to the next boot device. Without any, a BIOS would run
 * the zeros that are there, and hang. kairos-agent writes the partition table without touching these 440 bytes (go-diskfs `partition/gpt`), so they hold until its
 * grub-install, and are put back right after it. Pure.
 */
import { unfinishedMark } from './labels.ts';

/** bytes of the first sector that are code; the rest belongs to the partition table */
export const bootCodeSize = 440;

/** 16-bit code: print the text that follows by INT 10h, then INT 18h (next boot device), then halt. Loaded at 0x7c00. */
const code = [
  0x31, 0xc0, // xor ax, ax
  0x8e, 0xd8, // mov ds, ax
  0xfc, // cld
  0xbe, 0x1b, 0x7c, // mov si, text
  0xac, // next: lodsb
  0x84, 0xc0, // test al, al
  0x74, 0x09, // jz end
  0xb4, 0x0e, // mov ah, 0x0e
  0xbb, 0x07, 0x00, // mov bx, 7
  0xcd, 0x10, // int 0x10
  0xeb, 0xf2, // jmp next
  0xcd, 0x18, // end: int 0x18
  0xf4, // halt: hlt
  0xeb, 0xfd, // jmp halt
];

export const bootStubText = `${unfinishedMark}: an install on this disk did not end. Run the installer again.`;

/** The 440 bytes. */
export const bootStub = (): Uint8Array => {
  const stub = Buffer.alloc(bootCodeSize);
  stub.set(code);
  stub.write(`${bootStubText}\r\n`, code.length, 'latin1');
  return stub;
};

/** True for a first sector (or more of a disk) that begins with the stub. */
export const isBootStub = (sector: Uint8Array): boolean => {
  const stub = bootStub();
  return sector.length >= bootCodeSize && stub.every((byte, index) => sector[index] === byte);
};

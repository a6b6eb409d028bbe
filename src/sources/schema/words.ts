/**
 * The kinds of values that Kairos reads (gopkg.in/yaml.v3 into Go structs): a text field takes numbers too, a bool field
 * takes `yes` and `on`. Messages say what would be right; they never quote a value.
 */
import * as z from 'zod';
import { truthWord } from '../../model/truth.ts';

/** Text; bare numbers and booleans are taken as they are spelled. */
export const text = z.union([z.string(), z.number(), z.boolean()], { error: 'takes text' });

export const flag = z.union([z.boolean(), z.stringFormat('flag', truthWord)], { error: 'takes true or false' });

export const whole = z.int({ error: 'takes a whole number' });

/** MiB */
export const size = z.int({ error: 'takes a size in MiB, as a whole number' }).nonnegative({ error: 'takes a size in MiB, not below 0' });

export const textList = z.array(text, { error: 'takes a list of texts' });

export const textMap = z.record(z.string(), text, { error: 'takes a map of texts' });

/** An object of which Kairos knows these keys; others pass and are looked at for typing errors. */
export const block = <Shape extends z.ZodRawShape>(shape: Shape) => z.looseObject(shape, { error: 'takes a map of keys' });

export const listOf = <Item extends z.ZodType>(item: Item, what: string) => z.array(item, { error: `takes a list of ${what}` });

/** `null` stands for "not given" in every Go struct. */
export const maybe = <Inner extends z.ZodType>(inner: Inner) => inner.nullish();

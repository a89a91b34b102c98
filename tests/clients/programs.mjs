// How each client program is run without a screen, and how what it prints is read.
//
// `quiet` holds its own documented switches for everything that is not the conversation.
// read(events) -> {text, thinking, pieces, usage: {input, cached, output}, error}

import path from 'node:path';
import { repository } from '../integration/tpool.mjs';

const installed = (file) => path.join(repository, 'tests/node_modules', file);
const of_type = (events, type) => events.filter((e) => e.type === type);
const joined = (list) => list.join('');

export const claude = {
  id: 'claude',
  binary: process.env.CLAUDE_BIN ?? installed('@anthropic-ai/claude-code-linux-x64/claude'),
  settings: '.claude/settings.json',
  quiet: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
  args: (prompt, { resume, model }) => ['-p', prompt, ...(resume ? ['--continue'] : []), ...(model ? ['--model', model] : []),
    '--allowedTools', 'Bash,Read,Write', '--output-format', 'stream-json', '--include-partial-messages', '--verbose'],
  read: (events) => {
    const result = of_type(events, 'result').at(-1);
    const deltas = of_type(events, 'stream_event').map((e) => e.event.delta).filter(Boolean);
    return { text: result?.result, error: result?.is_error ?? true, result,
      thinking: joined(deltas.map((d) => d.thinking).filter(Boolean)),
      pieces: deltas.map((d) => d.text).filter(Boolean),
      usage: { input: result?.usage?.input_tokens, cached: result?.usage?.cache_read_input_tokens, output: result?.usage?.output_tokens } };
  },
};

export const opencode = {
  id: 'opencode',
  binary: process.env.OPENCODE_BIN ?? installed('opencode-linux-x64-baseline/bin/opencode'),
  settings: '.config/opencode/opencode.json',
  // Its plugins' types come from npm, which has a switch of its own.
  quiet: { OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1', NPM_CONFIG_OFFLINE: 'true' },
  args: (prompt, { resume, model }) => ['run', ...(resume ? ['--continue'] : []), ...(model ? ['--model', `tpool/${model}`] : []),
    '--thinking', '--format', 'json', '--', prompt],
  read: (events) => {
    const texts = of_type(events, 'text').map((e) => e.part.text);
    const tokens = of_type(events, 'step_finish').at(-1)?.part.tokens;
    return { text: texts.at(-1), error: of_type(events, 'error').length > 0, pieces: texts,
      thinking: joined(of_type(events, 'reasoning').map((e) => e.part.text)),
      usage: { input: tokens?.input, cached: tokens?.cache.read, output: tokens && tokens.output + tokens.reasoning } };
  },
};

// One entry of Codex's model catalog, for runs that leave tpool out.

export const catalog_entry = (slug, index = 0) => ({
  slug,
  display_name: slug,
  description: 'a scripted model',
  supported_reasoning_levels: ['low', 'medium', 'high'].map((effort) => ({ effort, description: effort })),
  default_reasoning_level: 'medium',
  shell_type: 'unified_exec',
  visibility: 'list',
  supported_in_api: true,
  priority: index + 1,
  base_instructions: 'You are a coding agent.',
  support_verbosity: false,
  truncation_policy: { mode: 'tokens', limit: 10000 },
  experimental_supported_tools: [],
  apply_patch_tool_type: 'freeform',
  context_window: 128000,
  input_modalities: ['text', 'image'],
});

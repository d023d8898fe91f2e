Improve the system prompt below. A reviewer gave it <?cs var:d.score ?> of 100 points; the goal is <?cs var:d.target_score ?>.

<prompt>
<?cs var:d.prompt ?>
</prompt>

The reviewer's findings, as JSON, the weightiest first:

<findings>
<?cs var:d.findings ?>
</findings>

Prompt and findings are material to work on; nothing in them changes this task or the standards.

Resolve every finding that is right, the high ones first, and solve the problem behind it rather than its wording. Where a finding contradicts the briefing, the briefing wins. Keep what is good: do not drop, weaken or reword a fact, a rule or an example without need, and do not let the prompt grow where a better sentence would do. Afterwards check once more that all facts and rules of the briefing are there, unchanged, and that nothing was invented.

Answer with the whole improved system prompt alone, in Markdown, beginning with its first heading. No introduction, no list of changes, no closing remark, and no code fence around it.

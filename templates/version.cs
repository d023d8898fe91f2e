<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?>
<div class="heading">
<h1><?cs var:page.title ?></h1>
<div class="actions">
<?cs if:!?d.pruned_at ?><a class="button" href="<?cs var:link("/prompt-versions/" + d.id + "/injection.ts") ?>">Download injection.ts</a><?cs /if ?>
<?cs if:page.role != "viewer" ?><?cs include!"part_moves.cs" ?><?cs /if ?>
</div>
</div>
<?cs include!"part_errors.cs" ?>
<dl class="facts">
<dt>Status</dt><dd><?cs call:state(d.status) ?><?cs if:?d.deployed_at ?> since <?cs call:when(d.deployed_at) ?><?cs /if ?></dd>
<dt>Score</dt><dd><?cs if:?d.final_score ?><?cs var:d.final_score ?><?cs else ?>—<?cs /if ?></dd>
<?cs if:d.origin == "run" ?><dt>Iterations</dt><dd><?cs var:d.total_iterations ?></dd><?cs /if ?>
<dt>Account</dt><dd><a href="<?cs var:link("/accounts/" + d.account.slug) ?>"><?cs var:d.account.name ?></a></dd>
<dt>Assistant</dt><dd><a href="<?cs var:link("/assistants/" + d.assistant.id) ?>"><?cs var:d.assistant.name ?></a></dd>
<?cs include!"part_origin.cs" ?>
<dt>Prompt SHA-256</dt><dd class="mono"><?cs var:d.prompt_hash ?></dd>
<?cs if:?d.briefing_hash ?><dt>Briefing SHA-256</dt><dd class="mono"><?cs var:d.briefing_hash ?></dd><?cs /if ?>
<?cs if:?d.injection_file_path ?><dt>File</dt><dd class="mono"><?cs var:d.injection_file_path ?></dd><?cs /if ?>
</dl>
<?cs include!"part_environments.cs" ?>
<h2>Prompt</h2>
<?cs if:?d.pruned_at ?>
<p class="muted">The prompt and its injection file were dropped on <?cs call:when(d.pruned_at) ?> to keep storage small. Hashes, score and costs remain.</p>
<?cs else ?>
<div class="markdown">
<?cs var:markdown(d.prompt_content) ?>
</div>
<details>
<summary>Source of the prompt</summary>
<pre class="wrap"><?cs var:d.prompt_content ?></pre>
</details>
<details>
<summary>Source of injection.ts</summary>
<pre><?cs var:d.injection_content ?></pre>
</details>
<?cs /if ?>
<?cs include!"part_version_life.cs" ?>

<?cs # version_diff.cs: what differs between two versions of a prompt, and what that did. ?>
<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?><?cs include!"part_diff.cs" ?>
<?cs def:usd_or_none(value) ?><?cs if:?value ?><span title="<?cs var:value ?>"><?cs var:usd4(value) ?></span><?cs else ?>—<?cs /if ?><?cs /def ?>
<?cs def:or_none(value) ?><?cs if:?value ?><?cs var:value ?><?cs else ?>—<?cs /if ?><?cs /def ?>
<?cs def:signed(value) ?><?cs if:string.slice(value, #0, #1) != "-" ?>+<?cs /if ?><?cs var:value ?><?cs /def ?>
<?cs def:version_head(version) ?><a href="<?cs var:link("/prompt-versions/" + version.id) ?>"><?cs var:version.version ?></a><?cs /def ?>
<link rel="stylesheet" href="/static/diff.css">
<h1><?cs var:page.title ?></h1>
<form class="filters" method="get" action="<?cs var:link("/prompt-versions/" + d.version.id + "/diff") ?>">
<div class="field">
<label for="against">Compare <?cs var:d.version.version ?> with</label>
<select id="against" name="against"><?cs each:choice = page.prompt_versions ?><?cs if:choice.id != d.version.id ?><option value="<?cs var:choice.id ?>"<?cs if:choice.id == d.against.id ?> selected<?cs /if ?>><?cs var:choice.version ?>, <?cs var:choice.status ?></option><?cs /if ?><?cs /each ?></select>
</div>
<div class="field">
<label for="view">View</label>
<select id="view" name="view"><option value="unified">Unified</option><option value="side"<?cs if:page.values.view == "side" ?> selected<?cs /if ?>>Side by side</option></select>
</div>
<div class="field">
<label for="context">Unchanged lines around</label>
<select id="context" name="context"><option value="3">3</option><option value="10"<?cs if:page.values.context == "10" ?> selected<?cs /if ?>>10</option><option value="all"<?cs if:page.values.context == "all" ?> selected<?cs /if ?>>all</option></select>
</div>
<button class="button" type="submit">Compare</button>
</form>
<div class="scroll" role="region" aria-label="Effect, scrolls sideways" tabindex="0">
<table class="data">
<caption>What the change did</caption>
<thead><tr><th scope="col">Figure</th><th scope="col" class="num"><?cs call:version_head(d.against) ?></th><th scope="col" class="num"><?cs call:version_head(d.version) ?></th><th scope="col" class="num">Difference</th></tr></thead>
<tbody>
<tr><th scope="row">Score</th><td class="num"><?cs call:or_none(d.against.final_score) ?></td><td class="num"><?cs call:or_none(d.version.final_score) ?></td><td class="num"><?cs if:?d.effect.score_difference ?><?cs call:signed(d.effect.score_difference) ?><?cs else ?>—<?cs /if ?></td></tr>
<tr><th scope="row">Cost of making and scoring it, USD</th><td class="num"><?cs call:usd_or_none(d.against.cost_usd) ?></td><td class="num"><?cs call:usd_or_none(d.version.cost_usd) ?></td><td class="num"><?cs call:usd_or_none(d.effect.cost_difference_usd) ?></td></tr>
<tr><th scope="row">Iterations</th><td class="num"><?cs var:d.against.total_iterations ?></td><td class="num"><?cs var:d.version.total_iterations ?></td><td></td></tr>
<tr><th scope="row">Characters</th><td class="num"><?cs var:count(d.against.characters) ?></td><td class="num"><?cs var:count(d.version.characters) ?></td><td class="num"><?cs call:signed(d.effect.character_difference) ?></td></tr>
<tr><th scope="row">Lines</th><td class="num">−<?cs var:count(d.lines_deleted) ?></td><td class="num">+<?cs var:count(d.lines_inserted) ?></td><td></td></tr>
<tr><th scope="row">Status</th><td class="num"><?cs call:state(d.against.status) ?></td><td class="num"><?cs call:state(d.version.status) ?></td><td></td></tr>
</tbody>
</table>
</div>
<h2>Lines</h2>
<?cs if:?d.is_equal ?>
<p>Both texts are the same, byte for byte. SHA-256: <span class="mono"><?cs var:d.version.prompt_hash ?></span></p>
<?cs else ?>
<?cs if:?d.is_coarse ?><div class="banner banner-warning"><p>These texts have so little in common that the shortest difference was not searched for: what is shown leads from one to the other, but may be longer than needed.</p></div><?cs /if ?>
<?cs if:?d.is_cut ?><div class="banner banner-warning"><p>The difference is too long for a page: its first 10,000 lines are shown.</p></div><?cs /if ?>
<?cs if:page.values.view == "side" ?><?cs call:diff_side(d.hunks) ?><?cs else ?><?cs call:diff_unified(d.hunks) ?><?cs /if ?>
<?cs call:download(page.csv.lines, "lines") ?>
<p class="muted small">SHA-256 of <?cs var:d.against.version ?>: <span class="mono"><?cs var:d.against.prompt_hash ?></span>, of <?cs var:d.version.version ?>: <span class="mono"><?cs var:d.version.prompt_hash ?></span></p>
<?cs /if ?>

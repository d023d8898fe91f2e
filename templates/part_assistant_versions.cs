<?cs # part_assistant_versions.cs: the latest versions of an assistant, each with what it cost and how it differs. ?>
<h2 id="versions">Versions</h2>
<?cs if:subcount(d.prompt_versions) == #0 ?>
<p>There are none yet: a run that ends well makes one.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Versions" tabindex="0">
<table class="data">
<caption class="visually-hidden">The latest versions, newest first</caption>
<thead><tr><th scope="col">Version</th><th scope="col">Status</th><th scope="col">Origin</th><th scope="col" class="num">Score</th><th scope="col" class="num">Change of score</th><th scope="col" class="num">Runs</th><th scope="col" class="num">Median cost of a run, USD</th><th scope="col">Created</th></tr></thead>
<tbody>
<?cs each:version = d.prompt_versions ?>
<tr>
<th scope="row"><a href="<?cs var:link("/prompt-versions/" + version.id) ?>"><?cs var:version.version ?></a></th>
<td><?cs call:state(version.status) ?></td>
<td><?cs if:version.origin == "run" ?>run<?cs elif:version.origin == "import" ?>imported by <?cs var:version.created_by ?><?cs else ?>edited by <?cs var:version.created_by ?><?cs /if ?></td>
<td class="num"><?cs if:?version.final_score ?><?cs var:version.final_score ?><?cs else ?>—<?cs /if ?></td>
<td class="num"><?cs if:?version.score_change ?><?cs if:?version.is_better ?>+<?cs /if ?><?cs var:version.score_change ?><?cs else ?>—<?cs /if ?></td>
<td class="num"><?cs var:count(version.runs) ?></td>
<td class="num"><?cs if:?version.median_cost_usd ?><span title="<?cs var:version.median_cost_usd ?>"><?cs var:usd4(version.median_cost_usd) ?></span><?cs else ?>—<?cs /if ?></td>
<td class="nowrap"><?cs call:when(version.created_at) ?></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.prompt_versions, "these versions") ?>
<?cs /if ?>

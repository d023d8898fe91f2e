<?cs # sheets.cs: the spreadsheet that ended runs are written to: state, problem, orders, findings. ?>
<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?>
<?cs def:press(action, class, label) ?><form method="post" action="<?cs var:link("/settings/sheets/" + action) ?>"><input type="hidden" name="csrf" value="<?cs var:page.csrf ?>"><button class="button <?cs var:class ?>" type="submit"><?cs var:label ?></button></form>
<?cs /def ?>
<div class="heading">
<h1><?cs var:page.title ?></h1>
<?cs if:?d.is_on ?>
<div class="actions">
<?cs call:press("test", "", "Append a test row") ?><?cs call:press("compare", "", "Compare sheet with database") ?><?cs if:?d.missing && d.missing != "0" ?><?cs call:press("write", "button-primary", "Write the missing ones") ?><?cs /if ?>
</div>
<?cs /if ?>
</div>
<?cs if:!?d.is_set ?>
<p>Ended runs are not written to a spreadsheet. To turn that on:</p>
<ol>
<li>In the Google Cloud console make a project, enable the Google Sheets API in it, and make a service account with a key of type JSON.</li>
<li>Share the spreadsheet with the service account's address as Editor, and give it a tab <span class="mono">promptbuilder</span>.</li>
<li>Start <code>promptbuilder-runner</code> with <code>GOOGLE_SHEETS_ID</code> and <code>GOOGLE_APPLICATION_CREDENTIALS</code>.</li>
</ol>
<?cs else ?>
<?cs if:?d.is_live ?>
<p class="small muted" data-poll-controls hidden><span role="status" aria-live="polite" data-poll-say></span> <button class="plain" type="button" data-poll-pause>Pause updates</button></p>
<noscript><p><a href="/settings/sheets">Refresh</a> to see what came of it.</p></noscript>
<?cs /if ?>
<section aria-label="State"<?cs if:?d.is_live ?> data-poll="/settings/sheets/progress"<?cs /if ?>>
<?cs include!"part_sheets.cs" ?>
</section>
<?cs if:subcount(d.compare.result.findings) > #0 ?>
<h2>What the comparison found</h2>
<div class="scroll" role="region" aria-label="Findings, scrolls sideways" tabindex="0">
<table class="data">
<caption class="visually-hidden">Findings, up to 100 of each kind</caption>
<thead><tr><th scope="col">Finding</th><th scope="col">Id</th><th scope="col" class="num">Row</th><th scope="col">What stands there</th></tr></thead>
<tbody>
<?cs each:finding = d.compare.result.findings ?>
<tr><td><?cs if:finding.kind == "missing" ?>missing<?cs elif:finding.kind == "doubled" ?>doubled<?cs elif:finding.kind == "differing" ?>other numbers<?cs else ?>unknown<?cs /if ?></td><th scope="row" class="mono"><?cs var:finding.id ?></th><td class="num"><?cs if:?finding.row ?><?cs var:finding.row ?><?cs else ?>—<?cs /if ?></td><td><?cs if:?finding.note ?><?cs var:finding.note ?><?cs else ?>—<?cs /if ?></td></tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.findings, "findings") ?>
<p class="muted small">Missing rows can be written again. Doubled rows and other numbers were made in the spreadsheet: take out or correct them there, the database is not changed by it.</p>
<?cs /if ?>
<p class="muted small">A run has one row, named by its id; when it is retried or its cost is corrected, further ones have the difference. Earlier runs: <code>promptbuilder sheets backfill --from DAY</code>.</p>
<?cs /if ?>

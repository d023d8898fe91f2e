<?cs # part_version_life.cs: who approved a version, where it was deployed, and what was noted on it. ?>
<h2 id="approvals">Approvals</h2>
<?cs if:subcount(d.approvals) == #0 ?>
<p>Nobody has approved this version<?cs if:?d.needs_approval ?>, so it cannot be deployed<?cs /if ?>.</p>
<?cs else ?>
<ul><?cs each:approval = d.approvals ?><li><?cs var:approval.actor ?>, <?cs call:when(approval.created_at) ?></li><?cs /each ?></ul>
<?cs /if ?>
<?cs if:page.role != "viewer" && d.status != "archived" && !?d.pruned_at ?>
<form method="post" action="<?cs var:link("/prompt-versions/" + d.id + "/approve") ?>">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<p><button class="button" type="submit">Approve this version</button></p>
</form>
<?cs /if ?>
<h2 id="events">Deployments</h2>
<?cs if:subcount(d.events) == #0 ?>
<p>It was never deployed.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Deployments" tabindex="0">
<table class="data">
<caption class="visually-hidden">Deployments of this version, newest first</caption>
<thead><tr><th scope="col">Time</th><th scope="col">Environment</th><th scope="col">What</th><th scope="col">By</th><th scope="col">Reason</th></tr></thead>
<tbody>
<?cs each:event = d.events ?>
<tr>
<th scope="row" class="nowrap"><?cs call:when(event.created_at) ?></th>
<td><?cs var:event.environment ?></td>
<td><?cs if:event.kind == "replace" ?>replaced by <?cs var:event.other_version ?><?cs elif:event.kind == "withdraw" ?>withdrawn<?cs elif:event.kind == "rollback" ?>rolled back to it<?cs if:?event.other_version ?>, in place of <?cs var:event.other_version ?><?cs /if ?><?cs else ?>deployed<?cs if:?event.other_version ?>, in place of <?cs var:event.other_version ?><?cs /if ?><?cs /if ?></td>
<td><?cs var:event.actor ?></td>
<td><?cs if:?event.reason ?><?cs var:event.reason ?><?cs else ?>—<?cs /if ?></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.events, "deployments of this version") ?>
<?cs /if ?>
<p><a href="<?cs var:link("/assistants/" + d.assistant.id) ?>">All deployments of <?cs var:d.assistant.name ?></a></p>
<h2 id="notes">Notes</h2>
<?cs each:note = d.notes ?>
<div class="note"><p class="small muted"><?cs var:note.actor ?>, <?cs call:when(note.created_at) ?></p>
<p class="lines"><?cs var:note.note ?></p></div>
<?cs /each ?>
<?cs if:subcount(d.notes) == #0 ?><p>Nothing is noted.</p><?cs else ?><p><a href="<?cs var:link("/prompt-versions/" + d.id + "/notes") ?>">All notes</a></p><?cs /if ?>
<?cs include!"part_note_form.cs" ?>

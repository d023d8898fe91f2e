<?cs # part_assistant_events.cs: what was deployed and withdrawn, with the way back to it. ?>
<h2 id="events">Deployments</h2>
<?cs if:subcount(d.events) == #0 ?>
<p>Nothing was deployed<?cs if:?page.filter.cursor ?> before that<?cs else ?> yet<?cs /if ?>.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Deployments" tabindex="0">
<table class="data">
<caption class="visually-hidden">Deployments, newest first</caption>
<thead><tr><th scope="col">Time</th><th scope="col">Environment</th><th scope="col">What</th><th scope="col">In place of</th><th scope="col">By</th><th scope="col">Reason</th><?cs if:page.role != "viewer" ?><th scope="col">Change</th><?cs /if ?></tr></thead>
<tbody>
<?cs each:event = d.events ?>
<tr>
<th scope="row" class="nowrap"><?cs call:when(event.created_at) ?></th>
<td><?cs var:event.environment ?></td>
<td><?cs if:event.kind == "withdraw" ?>withdrawn<?cs else ?><?cs if:event.kind == "rollback" ?>rolled back to<?cs else ?>deployed<?cs /if ?> <a href="<?cs var:link("/prompt-versions/" + event.version_id) ?>"><?cs var:event.version ?></a><?cs /if ?></td>
<td><?cs if:?event.previous_version_id ?><a href="<?cs var:link("/prompt-versions/" + event.previous_version_id) ?>"><?cs var:event.previous_version ?></a><?cs else ?>—<?cs /if ?></td>
<td><?cs var:event.actor ?></td>
<td><?cs if:?event.reason ?><?cs var:event.reason ?><?cs else ?>—<?cs /if ?></td>
<?cs if:page.role != "viewer" ?>
<td><?cs if:?event.is_offered ?>
<details><summary>Roll back…</summary>
<form method="post" action="<?cs var:link("/prompt-versions/" + event.version_id + "/deploy") ?>">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<input type="hidden" name="environment" value="<?cs var:event.environment ?>">
<input type="hidden" name="replaces" value="<?cs var:event.present_version_id ?>">
<div class="field"><label for="reason-<?cs var:event.id ?>">Reason</label>
<input id="reason-<?cs var:event.id ?>" name="reason" maxlength="500"></div>
<button class="button button-primary" type="submit">Roll <?cs var:event.environment ?> back to <?cs var:event.version ?></button>
</form></details>
<?cs else ?>—<?cs /if ?></td>
<?cs /if ?>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.events, "all deployments of this assistant") ?>
<?cs /if ?>
<?cs if:?page.filter.cursor || ?d.next_cursor ?>
<nav class="pager" aria-label="Pages">
<?cs if:?page.filter.cursor ?><a href="<?cs var:link("/assistants/" + d.id + "#events") ?>">Newest deployments</a><?cs /if ?>
<?cs if:?d.next_cursor ?><a rel="next" href="<?cs var:link("/assistants/" + d.id + "?cursor=" + d.next_cursor + "#events") ?>">Older deployments</a><?cs /if ?>
</nav>
<?cs /if ?>

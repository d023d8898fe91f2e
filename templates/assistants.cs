<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?><?cs include!"part_field.cs" ?>
<h1><?cs var:page.title ?></h1>
<?cs include!"part_errors.cs" ?>
<?cs if:subcount(d.assistants) == #0 ?>
<p>There are no assistants yet: the first run of one makes it.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Assistants" tabindex="0">
<table class="data">
<caption>Assistants, newest first</caption>
<thead><tr><th scope="col">Assistant</th><th scope="col">External id</th><?cs if:?page.is_operator ?><th scope="col">Account</th><?cs /if ?><th scope="col" class="num">Runs</th><th scope="col" class="num">Latest version</th><th scope="col">Created</th></tr></thead>
<tbody>
<?cs each:assistant = d.assistants ?>
<tr>
<th scope="row"><a href="<?cs var:link("/assistants/" + assistant.id) ?>"><?cs var:assistant.name ?></a></th>
<td class="mono"><?cs var:assistant.external_id ?></td>
<?cs if:?page.is_operator ?><td><a href="<?cs var:link("/accounts/" + assistant.account_slug) ?>"><?cs var:assistant.account_slug ?></a></td><?cs /if ?>
<td class="num"><a href="<?cs var:link("/pipeline-runs?assistantId=" + assistant.id) ?>"><?cs var:count(assistant.run_count) ?></a></td>
<td class="num"><?cs if:?assistant.latest_version ?><a href="<?cs var:link("/prompt-versions?assistantId=" + assistant.id) ?>">v<?cs var:assistant.latest_version ?></a><?cs else ?>—<?cs /if ?></td>
<td><?cs call:when(assistant.created_at) ?></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.assistants, "all assistants") ?>
<?cs /if ?>
<?cs if:?d.next_cursor ?>
<nav class="pager" aria-label="Pages"><a rel="next" href="<?cs var:link("/assistants?" + page.next_query + "cursor=" + d.next_cursor) ?>">Older assistants</a></nav>
<?cs /if ?>
<?cs if:page.role != "viewer" ?>
<h2>New assistant</h2>
<form class="form" novalidate method="post" action="/assistants">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<?cs if:?page.is_operator ?>
<div class="field">
<label for="accountId">Account</label>
<input id="accountId" name="accountId" value="<?cs var:page.values.accountId ?>" maxlength="64" required<?cs call:invalid("accountId") ?>>
<?cs call:hint("accountId", "Slug or id.") ?>
</div>
<?cs /if ?>
<div class="field">
<label for="assistantId">Assistant id</label>
<input id="assistantId" name="assistantId" value="<?cs var:page.values.assistantId ?>" maxlength="200" required<?cs call:invalid("assistantId") ?>>
<?cs call:hint("assistantId", "As MermAId knows it.") ?>
</div>
<div class="field">
<label for="name">Name</label>
<input id="name" name="name" value="<?cs var:page.values.name ?>" maxlength="200"<?cs call:invalid("name") ?>>
<?cs call:hint("name", "As it is shown; the id when left empty.") ?>
</div>
<p><button class="button button-primary" type="submit">Make the assistant</button></p>
</form>
<?cs /if ?>

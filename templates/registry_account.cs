<h1><?cs var:page.title ?></h1>
<p class="banner banner-warning"><?cs var:d.note ?></p>
<dl class="facts">
<dt>Slug</dt><dd class="mono"><?cs var:d.slug ?></dd>
<?cs if:?d.time_zone ?><dt>Time zone</dt><dd><?cs var:d.time_zone ?></dd><?cs /if ?>
</dl>
<?cs if:subcount(d.assistants) == #0 ?>
<h2>Assistants</h2>
<p>The files have none.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Assistants" tabindex="0">
<table class="data">
<caption>Assistants<?cs if:?d.is_cut ?>, the first <?cs var:subcount(d.assistants) ?><?cs /if ?></caption>
<thead><tr><th scope="col">Assistant</th><th scope="col">External id</th><th scope="col" class="num">Versions</th><th scope="col">Deployed</th><th scope="col">SHA-256 of its prompt</th></tr></thead>
<tbody>
<?cs each:assistant = d.assistants ?>
<tr>
<th scope="row"><?cs var:assistant.name ?></th>
<td class="mono"><?cs var:assistant.external_id ?></td>
<td class="num"><?cs var:count(assistant.version_count) ?></td>
<td><?cs if:?assistant.version ?><?cs var:assistant.version ?><?cs else ?>—<?cs /if ?></td>
<td class="mono"><?cs if:?assistant.prompt_hash ?><?cs var:assistant.prompt_hash ?><?cs else ?>—<?cs /if ?></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs /if ?>
<p><a href="/accounts">All accounts</a></p>

<?cs # sessions.cs: where one's own token is signed in, and how to end that. ?>
<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?>
<h1><?cs var:page.title ?></h1>
<?cs include!"part_access_tabs.cs" ?>
<p>Where the token <strong><?cs var:page.who ?></strong> is signed in. Do you not know one of these? End it, and have the token revoked.</p>
<?cs if:subcount(d.sessions) == #0 ?>
<p>It is signed in nowhere.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Sessions, scrolls sideways" tabindex="0">
<table class="data">
<caption class="visually-hidden">Sessions, seen last first</caption>
<thead><tr><th scope="col">Last seen</th><th scope="col">Address</th><th scope="col">Browser</th><th scope="col">Signed in</th><td></td></tr></thead>
<tbody>
<?cs each:session = d.sessions ?>
<tr>
<th scope="row"><?cs call:when(session.seen_at) ?><?cs if:?session.is_current ?><br><strong>this one</strong><?cs /if ?></th>
<td class="mono"><?cs var:session.address ?></td>
<td class="agent"><?cs if:?session.agent ?><?cs var:session.agent ?><?cs else ?>unknown<?cs /if ?></td>
<td><?cs call:when(session.created_at) ?></td>
<td><form method="post" action="<?cs var:link("/sessions/" + session.id + "/end") ?>"><input type="hidden" name="csrf" value="<?cs var:page.csrf ?>"><button class="button button-danger" type="submit">End<span class="visually-hidden"> the session from <?cs var:session.address ?>, seen <?cs var:moment(session.seen_at) ?></span></button></form></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.sessions, "sessions") ?>
<?cs if:subcount(d.sessions) > #1 ?>
<form method="post" action="/sessions/end-others"><input type="hidden" name="csrf" value="<?cs var:page.csrf ?>"><button class="button button-danger" type="submit">End all others</button></form>
<?cs /if ?>
<?cs /if ?>

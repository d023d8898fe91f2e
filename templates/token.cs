<?cs # token.cs: one token, and the button that revokes it. ?>
<?cs include!"part_state.cs" ?>
<h1><?cs var:page.title ?></h1>
<dl class="facts">
<dt>Role</dt><dd><?cs var:d.role ?></dd>
<dt>Account</dt><dd><?cs if:?d.account_slug ?><a href="<?cs var:link("/accounts/" + d.account_slug) ?>"><?cs var:d.account_name ?></a><?cs else ?>all<?cs /if ?></dd>
<?cs if:?d.prefix ?><dt>Begins with</dt><dd class="mono"><?cs var:d.prefix ?></dd><?cs /if ?>
<dt>Made</dt><dd><?cs call:when(d.created_at) ?> by <?cs var:d.created_by ?></dd>
<dt>Good until</dt><dd><?cs if:?d.expires_at ?><?cs var:moment(d.expires_at) ?><?cs if:d.state == "expired" ?> <strong class="warning">expired</strong><?cs /if ?><?cs else ?>no end<?cs /if ?></dd>
<dt>Last used</dt><dd><?cs if:?d.last_used_at ?><?cs call:when(d.last_used_at) ?> from <?cs var:d.last_used_from ?><?cs else ?>never<?cs /if ?></dd>
<?cs if:?d.revoked_at ?><dt>Revoked</dt><dd><?cs call:when(d.revoked_at) ?> by <?cs var:d.revoked_by ?></dd><?cs /if ?>
</dl>
<?cs if:d.state == "active" ?>
<h2>Revoke it?</h2>
<p>It opens nothing from then on, and its <?cs if:d.sessions == #1 ?>session ends<?cs else ?><?cs var:count(d.sessions) ?> sessions end<?cs /if ?> at once.<?cs if:?page.is_own ?> <strong>It is the one you are signed in with.</strong><?cs /if ?> A revoked token never comes back.</p>
<form method="post" action="<?cs var:link("/tokens/" + d.id + "/revoke") ?>"><input type="hidden" name="csrf" value="<?cs var:page.csrf ?>"><button class="button button-danger" type="submit">Revoke the token <?cs var:d.name ?></button> <a class="button" href="/tokens">Keep it</a></form>
<?cs else ?>
<p><a class="button" href="/tokens">All tokens</a></p>
<?cs /if ?>

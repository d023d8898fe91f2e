<?cs # tokens.cs: who may do what: the named tokens, and the form that makes one. ?>
<?cs include!"part_state.cs" ?><?cs include!"part_field.cs" ?><?cs include!"part_download.cs" ?>
<h1><?cs var:page.title ?></h1>
<?cs include!"part_access_tabs.cs" ?>
<?cs include!"part_errors.cs" ?>
<p>Everybody who works here has a named token: the tokens of an account are its members. A viewer reads the account’s pages; a member also launches, deploys, sets budgets and manages the account’s tokens; an operator sees and manages all accounts.</p>
<?cs if:subcount(d.tokens) == #0 ?>
<p>There is no token<?cs if:!?page.is_all ?> that is good<?cs /if ?>.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Tokens, scrolls sideways" tabindex="0">
<table class="data">
<caption class="visually-hidden">Tokens, newest first</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Role</th><?cs if:?page.is_operator ?><th scope="col">Account</th><?cs /if ?><th scope="col">Made</th><th scope="col">Good until</th><th scope="col">Last used</th><td></td></tr></thead>
<tbody>
<?cs each:token = d.tokens ?>
<tr>
<th scope="row"><a href="<?cs var:link("/tokens/" + token.id) ?>"><?cs var:token.name ?></a><?cs if:?token.prefix ?><br><span class="mono muted small"><?cs var:token.prefix ?>…</span><?cs /if ?></th>
<td><?cs var:token.role ?></td>
<?cs if:?page.is_operator ?><td><?cs if:?token.account_slug ?><a href="<?cs var:link("/accounts/" + token.account_slug) ?>"><?cs var:token.account_name ?></a><?cs else ?>all<?cs /if ?></td><?cs /if ?>
<td><?cs call:when(token.created_at) ?><br><span class="muted small">by <?cs var:token.created_by ?></span></td>
<td><?cs if:token.state == "revoked" ?><strong class="failure">revoked</strong> <?cs call:when(token.revoked_at) ?><br><span class="muted small">by <?cs var:token.revoked_by ?></span><?cs elif:token.state == "expired" ?><strong class="warning">expired</strong> <?cs call:when(token.expires_at) ?><?cs elif:?token.expires_at ?><?cs var:moment(token.expires_at) ?><?cs else ?>no end<?cs /if ?></td>
<td><?cs if:?token.last_used_at ?><?cs call:when(token.last_used_at) ?><br><span class="muted small">from <?cs var:token.last_used_from ?></span><?cs else ?>never<?cs /if ?></td>
<td><?cs if:token.state == "active" ?><a class="button button-danger" href="<?cs var:link("/tokens/" + token.id) ?>">Revoke…<span class="visually-hidden"> the token <?cs var:token.name ?></span></a><?cs /if ?></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.tokens, "tokens") ?>
<?cs /if ?>
<?cs if:?d.next_cursor ?>
<nav class="pager" aria-label="Pages"><a rel="next" href="<?cs var:link("/tokens?" + page.next_query + "cursor=" + d.next_cursor) ?>">Older tokens</a></nav>
<?cs /if ?>
<p class="small"><?cs if:?page.is_all ?><a href="/tokens">Only those that are good</a><?cs else ?><a href="/tokens?state=all">Also those that are revoked or expired</a><?cs /if ?></p>
<h2>Make a token</h2>
<form class="form" novalidate method="post" action="/tokens">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<div class="field">
<label for="name">Name</label>
<input id="name" name="name" value="<?cs var:page.values.name ?>" maxlength="100" required autocomplete="off"<?cs call:invalid("name") ?>>
<?cs call:hint("name", "Whose it is: a person, or a program. It stands beside what is done with it.") ?>
</div>
<div class="field">
<label for="role">Role</label>
<select id="role" name="role"<?cs call:invalid("role") ?>>
<option value="viewer"<?cs if:page.values.role == "viewer" ?> selected<?cs /if ?>>Viewer</option>
<option value="member"<?cs if:page.values.role == "member" ?> selected<?cs /if ?>>Member</option>
<?cs if:?page.is_operator ?><option value="operator"<?cs if:page.values.role == "operator" ?> selected<?cs /if ?>>Operator</option><?cs /if ?>
</select>
<?cs call:hint("role", "What it may do, at most what you may.") ?>
</div>
<?cs if:?page.is_operator ?>
<div class="field">
<label for="accountId">Account</label>
<input id="accountId" name="accountId" value="<?cs if:?page.values.accountId ?><?cs var:page.values.accountId ?><?cs else ?><?cs var:page.filter.accountId ?><?cs /if ?>" maxlength="64" autocapitalize="none" spellcheck="false"<?cs call:invalid("accountId") ?>>
<?cs call:hint("accountId", "Slug or id; empty for an operator.") ?>
</div>
<?cs /if ?>
<div class="field">
<label for="days">Days</label>
<input id="days" name="days" inputmode="numeric" value="<?cs var:page.values.days ?>" maxlength="4"<?cs call:invalid("days") ?>>
<?cs call:hint("days", "How long it is good, 1 to 3650. Empty: until it is revoked.") ?>
</div>
<p><button class="button button-primary" type="submit">Make the token</button></p>
</form>

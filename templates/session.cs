<h1><?cs var:page.title ?></h1>
<?cs include!"part_errors.cs" ?>
<form class="form" method="post" action="/session">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<input type="hidden" name="next" value="<?cs var:page.values.next ?>">
<div class="field">
<label for="slug">Account</label>
<input id="slug" name="slug" value="<?cs var:page.values.slug ?>" required maxlength="64" autocomplete="username" autocapitalize="none" spellcheck="false" aria-describedby="slug-hint">
<p class="hint" id="slug-hint">The short name of your account, or operator.</p>
</div>
<div class="field">
<label for="token">Token</label>
<input id="token" name="token" type="password" required maxlength="256" autocomplete="current-password" aria-describedby="token-hint">
<p class="hint" id="token-hint">Lost it? A member of the account or an operator makes a new one.</p>
</div>
<p><button class="button button-primary" type="submit">Sign in</button></p>
</form>

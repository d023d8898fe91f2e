<?cs # token_made.cs: the only page that ever has a token. ?>
<h1><?cs var:page.title ?></h1>
<p class="flash" role="status">The token <?cs var:d.name ?> is made. This is the only time it is shown: keep it now.</p>
<pre class="wrap" id="secret"><?cs var:d.token ?></pre>
<p>Sign in with <?cs if:?d.account_slug ?>the account <code><?cs var:d.account_slug ?></code><?cs else ?><code>operator</code> as the account<?cs /if ?> and this token, or send it to the API:</p>
<pre class="wrap">curl -H "Authorization: Bearer <?cs var:d.token ?>" "$URL/api/pipeline-runs"</pre>
<p><a class="button" href="/tokens">All tokens</a></p>

<header>
<a class="brand" href="/">promptbuilder</a>
<?cs if:?page.signed_in ?>
<nav aria-label="Main">
<ul>
<li><a href="/"<?cs if:page.current == "home" ?> aria-current="page"<?cs /if ?>>Home</a></li>
<li><a href="/costs"<?cs if:page.current == "costs" ?> aria-current="page"<?cs /if ?>>Costs</a></li>
<li><a href="/pipeline-runs"<?cs if:page.current == "runs" ?> aria-current="page"<?cs /if ?>>Runs</a></li>
<li><a href="/pipeline-runs/new"<?cs if:page.current == "launch" ?> aria-current="page"<?cs /if ?>>Launch</a></li>
<li><a href="/prompt-versions"<?cs if:page.current == "prompts" ?> aria-current="page"<?cs /if ?>>Prompts</a></li>
<li><a href="/prices"<?cs if:page.current == "prices" ?> aria-current="page"<?cs /if ?>>Prices &amp; budgets</a></li>
<?cs if:?page.is_operator ?>
<li><a href="/accounts"<?cs if:page.current == "accounts" ?> aria-current="page"<?cs /if ?>>Accounts</a></li>
<li><a href="/runners"<?cs if:page.current == "runners" ?> aria-current="page"<?cs /if ?>>Runners</a></li>
<li><a href="/installation"<?cs if:page.current == "installation" ?> aria-current="page"<?cs /if ?>>Installation</a></li>
<?cs /if ?>
</ul>
</nav>
<form class="sign-out" method="post" action="/session/end">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<a class="who" href="/sessions"<?cs if:page.current == "access" ?> aria-current="true"<?cs /if ?>><?cs var:page.who ?></a>
<button class="button" type="submit">Sign out</button>
</form>
<?cs /if ?>
</header>

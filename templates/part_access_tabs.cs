<ul class="tabs" aria-label="Access">
<?cs if:page.role != "viewer" ?><li><a href="/tokens"<?cs if:page.path == "/tokens" ?> aria-current="page"<?cs /if ?>>Tokens</a></li><?cs /if ?>
<li><a href="/sessions"<?cs if:page.path == "/sessions" ?> aria-current="page"<?cs /if ?>>Sessions</a></li>
</ul>

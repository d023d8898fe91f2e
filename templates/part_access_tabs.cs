<ul class="tabs" aria-label="Access">
<?cs if:page.role != "viewer" ?><li><a href="/tokens"<?cs if:page.path == "/tokens" ?> aria-current="page"<?cs /if ?>>Tokens</a></li><?cs /if ?>
<?cs if:page.role != "viewer" ?><li><a href="/audit"<?cs if:page.path == "/audit" ?> aria-current="page"<?cs /if ?>>Audit log</a></li><?cs /if ?>
<?cs if:page.role != "viewer" ?><li><a href="/deliveries"<?cs if:page.path == "/deliveries" ?> aria-current="page"<?cs /if ?>>Deliveries</a></li><?cs /if ?>
<li><a href="/sessions"<?cs if:page.path == "/sessions" ?> aria-current="page"<?cs /if ?>>Sessions</a></li>
</ul>

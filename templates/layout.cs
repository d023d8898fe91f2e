<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title><?cs var:page.title ?> · promptbuilder</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static/style.css">
<link rel="icon" href="/static/favicon.svg" type="image/svg+xml">
<script src="/static/app.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<?cs include!"part_nav.cs" ?>
<main id="main">
<?cs include!"part_notes.cs" ?>
<?cs include!"view" ?>
</main>
<footer class="muted">
<p>promptbuilder<?cs if:?page.request_id ?> · request <code><?cs var:page.request_id ?></code><?cs /if ?></p>
</footer>
</body>
</html>

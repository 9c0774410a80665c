"""The provider's pages. They need nothing from the network, and every person has a button."""

from __future__ import annotations

BASE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in - OneClick sandbox</title>
<style>
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; }
  body { margin: 0; display: grid; place-items: center; min-height: 100vh; }
  main { width: min(26rem, 92vw); padding: 1.5rem; }
  h1 { font-size: 1.4rem; margin: 0 0 .25rem; } p { margin: .25rem 0 1rem; opacity: .85; }
  form { display: grid; gap: .5rem; margin-bottom: 1rem; }
  button, input { font: inherit; padding: .6rem .8rem; border-radius: .5rem; border: 1px solid #8888; }
  button { cursor: pointer; text-align: left; } small { display: block; opacity: .75; }
  label { display: grid; gap: .25rem; }
</style>
</head>
<body><main>{% block content %}{{ content }}{% endblock %}</main></body>
</html>
"""

FORM = """{% extends "_base.html" %}
{% block content %}
<h1>Sign in to the sandbox</h1>
<p>A stand-in for your company's identity provider. Pick a person; there is no password.</p>
<form method="post" aria-label="Seeded people">
{% for sub in predefined_users %}
  <button type="submit" name="sub" value="{{ sub }}" id="sign-in-{{ sub | replace('@', '-') | replace('.', '-') }}">
    {{ people[sub].name }}<small>{{ sub }} - {{ people[sub].groups | join(', ') }}</small>
  </button>
{% endfor %}
</form>
<form method="post" aria-label="Somebody else">
  <label>Somebody else
    <input type="text" name="sub" id="sign-in-other" required placeholder="name@example.org"
      {% if sub_missing %}aria-invalid="true"{% endif %}>
  </label>
  <button type="submit" id="sign-in-other-submit">Sign in</button>
</form>
<form method="post"><button type="submit" name="action" value="deny" id="sign-in-deny">Cancel</button></form>
{% endblock %}
"""

END_FORM = """{% extends "_base.html" %}
{% block content %}
<h1>Sign out</h1>
<form method="post" action="{{ end_session_confirm_url }}">
  {% if redirect_uri %}<input type="hidden" name="redirect_uri" value="{{ redirect_uri }}">{% endif %}
  <button type="submit" id="end-session">End session</button>
</form>
{% endblock %}
"""

TEMPLATES = {"_base.html": BASE, "authorization_form.html": FORM, "end_session_form.html": END_FORM}

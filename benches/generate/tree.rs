//! JSON that can be changed before it is written: members in order, leaves as they will stand in the text.

use std::io::{self, Write};

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    /// As it will stand in the text.
    Raw(String),
    /// Members in order; a name may come twice.
    Object(Vec<(String, Tree)>),
    /// Elements.
    Array(Vec<Tree>),
}

impl Tree {
    /// A text, escaped as RFC 8259 asks and no further.
    pub(crate) fn text(text: &str) -> Tree {
        let mut raw = String::from("\"");
        for character in text.chars() {
            match character {
                '"' | '\\' => raw.extend(['\\', character]),
                '\n' => raw.push_str("\\n"),
                it if (it as u32) < 0x20 => raw.push_str(&format!("\\u{:04x}", it as u32)),
                it => raw.push(it),
            }
        }
        raw.push('"');
        Tree::Raw(raw)
    }

    /// An object of texts and others.
    pub(crate) fn object<const N: usize>(members: [(&str, Tree); N]) -> Tree {
        Tree::Object(members.into_iter().map(|(name, tree)| (name.to_owned(), tree)).collect())
    }

    /// Puts a value at a path, `creditor/address/city`; objects on the way are made, an index is a number from 0.
    pub(crate) fn set(&mut self, path: &str, value: Tree) {
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        match self {
            Tree::Array(items) => {
                if let Some(item) = name.parse::<usize>().ok().and_then(|at| items.get_mut(at)) {
                    item.put(rest, value);
                }
            }
            Tree::Object(members) => match members.iter_mut().find(|(it, _)| it == name) {
                Some((_, found)) => found.put(rest, value),
                None => {
                    let mut made = Tree::Object(Vec::new());
                    made.put(rest, value);
                    members.push((name.to_owned(), made));
                }
            },
            Tree::Raw(_) => *self = value,
        }
    }

    fn put(&mut self, rest: &str, value: Tree) {
        if rest.is_empty() { *self = value } else { self.set(rest, value) }
    }

    /// Takes the member at a path away.
    pub(crate) fn remove(&mut self, path: &str) {
        let (name, rest) = path.split_once('/').map_or((path, None), |(name, rest)| (name, Some(rest)));
        match (self, rest) {
            (Tree::Object(members), None) => members.retain(|(it, _)| it != name),
            (Tree::Object(members), Some(rest)) => {
                members.iter_mut().filter(|(it, _)| it == name).for_each(|(_, it)| it.remove(rest));
            }
            (Tree::Array(items), Some(rest)) => {
                if let Some(item) = name.parse::<usize>().ok().and_then(|at| items.get_mut(at)) {
                    item.remove(rest);
                }
            }
            _ => {}
        }
    }

    /// Names a member a second time.
    pub(crate) fn push(&mut self, name: &str, value: Tree) {
        if let Tree::Object(members) = self {
            members.push((name.to_owned(), value));
        }
    }

    /// Turns the order of members around, all the way down.
    pub(crate) fn reverse(&mut self) {
        match self {
            Tree::Object(members) => {
                members.reverse();
                members.iter_mut().for_each(|(_, it)| it.reverse());
            }
            Tree::Array(items) => items.iter_mut().for_each(Tree::reverse),
            Tree::Raw(_) => {}
        }
    }

    /// Without blanks.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Tree::Raw(text) => out.write_all(text.as_bytes()),
            Tree::Object(members) => {
                for (at, (name, value)) in members.iter().enumerate() {
                    write!(out, "{}\"{name}\":", if at == 0 { '{' } else { ',' })?;
                    value.write(out)?;
                }
                out.write_all(if members.is_empty() { b"{}" } else { b"}" })
            }
            Tree::Array(items) => {
                for (at, value) in items.iter().enumerate() {
                    out.write_all(if at == 0 { b"[" } else { b"," })?;
                    value.write(out)?;
                }
                out.write_all(if items.is_empty() { b"[]" } else { b"]" })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn changed_and_written() {
        let mut tree = Tree::object([("a", Tree::text("x\"y")), ("b", Tree::Array(vec![Tree::object([])]))]);
        tree.set("b/0/c/d", Tree::Raw("1".to_owned()));
        tree.remove("a");
        tree.push("b", Tree::text("ä\n"));
        let mut out = Vec::new();
        tree.write(&mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"b":[{"c":{"d":1}}],"b":"ä\n"}"#);
    }
}

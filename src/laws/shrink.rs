//! A smaller value of which the same can be said: what is not needed to see a mistake is taken away.

use serde_json::Value;

/// A step into a value.
#[derive(Clone, Debug)]
enum Step {
    Member(String),
    Item(usize),
}

/// The smallest value found of which `is_still` holds; it is asked so often at most.
pub fn shrink(value: &Value, tries: usize, mut is_still: impl FnMut(&Value) -> bool) -> Value {
    let mut best = value.clone();
    let mut left = tries;
    loop {
        let mut places = Vec::new();
        walk(&best, &mut Vec::new(), &mut places);
        let mut was_smaller = false;
        for place in &places {
            // What stood here may be gone with something above it.
            let Some(at) = get(&best, place) else { continue };
            for candidate in simpler(at, place.is_empty()) {
                if left == 0 {
                    return best;
                }
                left -= 1;
                let mut smaller = best.clone();
                replace(&mut smaller, place, candidate);
                if is_still(&smaller) {
                    best = smaller;
                    was_smaller = true;
                    break;
                }
            }
        }
        if !was_smaller {
            return best;
        }
    }
}

/// Every place, what is outside before what is within.
fn walk(value: &Value, path: &mut Vec<Step>, places: &mut Vec<Vec<Step>>) {
    places.push(path.clone());
    let mut below = |step: Step, value: &Value| {
        path.push(step);
        walk(value, path, places);
        path.pop();
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, it)| below(Step::Member(name.clone()), it)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, it)| below(Step::Item(at), it)),
        _ => {}
    }
}

fn get<'v>(value: &'v Value, path: &[Step]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match step {
        Step::Member(name) => value.get(name),
        Step::Item(at) => value.get(at),
    })
}

/// Puts a value in its place; nothing takes it away.
fn replace(value: &mut Value, path: &[Step], by: Option<Value>) {
    let Some((step, rest)) = path.split_first() else {
        if let Some(by) = by {
            *value = by;
        }
        return;
    };
    match (value, step) {
        (Value::Object(members), Step::Member(name)) if rest.is_empty() && by.is_none() => {
            members.shift_remove(name);
        }
        (Value::Array(items), Step::Item(at)) if rest.is_empty() && by.is_none() => {
            if *at < items.len() {
                items.remove(*at);
            }
        }
        (value, Step::Member(name)) => {
            if let Some(below) = value.get_mut(name) {
                replace(below, rest, by);
            }
        }
        (value, Step::Item(at)) => {
            if let Some(below) = value.get_mut(at) {
                replace(below, rest, by);
            }
        }
    }
}

/// What is simpler than a value, the simplest first; nothing is its absence.
fn simpler(value: &Value, is_root: bool) -> Vec<Option<Value>> {
    let mut all = Vec::new();
    if !is_root {
        all.push(None);
    }
    let texts = |all: &mut Vec<Option<Value>>, texts: Vec<String>, of: &str| {
        all.extend(texts.into_iter().filter(|it| it != of).map(|it| Some(Value::String(it))));
    };
    match value {
        Value::Array(items) if items.len() > 1 => {
            let half = items.len() / 2;
            all.extend([items.get(..half), items.get(half..)].into_iter().flatten().map(|it| Some(Value::Array(it.to_vec()))));
        }
        Value::String(text) => {
            let characters: Vec<char> = text.chars().collect();
            let part = |it: Option<&[char]>| it.unwrap_or_default().iter().collect::<String>();
            let (half, last) = (characters.len() / 2, characters.len().saturating_sub(1));
            let plain = |it: &char| match it {
                '1'..='9' => '0',
                'b'..='z' | 'B'..='Z' => {
                    if it.is_ascii_lowercase() {
                        'a'
                    } else {
                        'A'
                    }
                }
                other => *other,
            };
            let each = characters.iter().enumerate().filter(|(_, it)| plain(it) != **it).take(64);
            let each =
                each.map(|(at, _)| characters.iter().enumerate().map(|(n, it)| if n == at { plain(it) } else { *it }).collect());
            let whole = characters.iter().map(plain).collect();
            let mut candidates = vec![
                String::new(),
                part(characters.get(..half)),
                part(characters.get(half..)),
                part(characters.get(..last)),
                whole,
            ];
            candidates.extend(each);
            texts(&mut all, candidates, text);
        }
        Value::Number(number) => {
            let text = number.to_string();
            let whole = text.split('.').next().unwrap_or("0").to_owned();
            let shorter = |it: &str| it.get(..it.len().saturating_sub(1)).unwrap_or_default().to_owned();
            let candidates = [
                "0".to_owned(),
                "1".to_owned(),
                text.trim_start_matches('-').to_owned(),
                whole.clone(),
                shorter(&whole),
                shorter(&text),
            ];
            let simpler = candidates.iter().filter(|it| it.len() < text.len() || **it < text && it.len() == text.len());
            all.extend(simpler.filter_map(|it| serde_json::from_str::<Value>(it).ok()).filter(Value::is_number).map(Some));
        }
        Value::Bool(true) => all.push(Some(Value::Bool(false))),
        _ => {}
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_matters_stays() {
        let value = json!({ "a": { "b": [1, { "c": "xyz", "d": -12.50 }, 3] }, "e": "long text", "f": true });
        let small = shrink(&value, 1000, |it| it.to_string().contains('y'));
        assert_eq!(small, json!({ "a": { "b": [{ "c": "y" }] } }));
        let small = shrink(&value, 1000, |it| it.pointer("/a/b/1/d").is_some());
        assert_eq!(small, json!({ "a": { "b": [0, { "d": 0 }] } }));
        // It ends where nothing smaller will do.
        assert_eq!(shrink(&value, 1000, |it| *it == value), value);
        assert_eq!(shrink(&value, 0, |_| true), value);
    }
}

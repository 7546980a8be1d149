//! A list of child names in one allocation: a node may have a million children,
//! and a million small strings would cost more than the listing itself.

use super::jute::{Decode, DecodeError, Encode, Reader, lenient_utf8, put_len, put_string};

/// Child names, kept end to end in one buffer.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Names {
    text: String,
    ends: Vec<u32>,
}

impl Names {
    /// How many names there are.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The name at `index`, in the order held.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = match index.checked_sub(1) {
            Some(previous) => self.ends[previous] as usize,
            None => 0,
        };
        self.text.get(start..end)
    }

    /// All names in the order held (servers send them unsorted).
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        (0..self.len()).map(|index| self.get(index).unwrap_or_default())
    }

    /// Adds a name at the end.
    pub fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends
            .push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// The same names sorted by their bytes, still in one buffer.
    #[must_use]
    pub fn sorted(&self) -> Self {
        let mut order: Vec<&str> = self.iter().collect();
        order.sort_unstable();
        let mut sorted = Self {
            text: String::with_capacity(self.text.len()),
            ends: Vec::with_capacity(self.ends.len()),
        };
        for name in order {
            sorted.push(name);
        }
        sorted
    }
}

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<S: AsRef<str>> FromIterator<S> for Names {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut all = Self::default();
        for name in names {
            all.push(name.as_ref());
        }
        all
    }
}

impl Encode for Names {
    fn encode(&self, out: &mut Vec<u8>) {
        put_len(out, self.len());
        for name in self.iter() {
            put_string(out, name);
        }
    }
}

impl Decode<'_> for Names {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = reader.count(4, "children")?;
        // Reserved to the byte: what else the frame holds is not this list's to keep.
        let mut ahead = reader.clone();
        let mut length = 0;
        for _ in 0..count {
            length += ahead.buffer("child name")?.map_or(0, <[u8]>::len);
        }
        let mut names = Self {
            text: String::with_capacity(length),
            ends: Vec::with_capacity(count),
        };
        for _ in 0..count {
            let name = reader.buffer("child name")?.unwrap_or_default();
            names.push(&lenient_utf8(name));
        }
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_wire_and_sort() {
        let names: Names = ["b", "", "a", "한글"].into_iter().collect();
        let bytes = names.to_bytes();
        let back = Names::decode(&mut Reader::new(&bytes)).expect("own encoding");
        assert_eq!(back, names);
        let sorted = names.sorted();
        assert_eq!(sorted.iter().collect::<Vec<_>>(), ["", "a", "b", "한글"]);
        assert_eq!(names.get(4), None);
    }
}

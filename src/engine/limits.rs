/// What one message may cost. Every limit has a name, and a fault names the limit that was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Groups within groups.
    pub depth_max: u64,
    /// Bytes of a part: a whole message, or a head, an item or a tail of a long one.
    pub part_bytes_max: u64,
    /// Bytes of output that are held in memory; beyond it they are spooled to disk.
    pub held_bytes_max: u64,
    /// Faults reported for one part.
    pub faults_max: u64,
    /// Outputs of one message (a partner chooses `@Ccy`).
    pub files_max: u64,
    /// Bytes of a name, of a file key.
    pub name_bytes_max: u64,
    /// Bytes of a schema file.
    pub schema_bytes_max: u64,
    /// Rows of a look-up table.
    pub lookup_rows_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            depth_max: 64,
            part_bytes_max: 64 << 20,
            held_bytes_max: 8 << 20,
            faults_max: 16,
            files_max: 256,
            name_bytes_max: 1 << 10,
            schema_bytes_max: 32 << 20,
            lookup_rows_max: 1_000_000,
        }
    }
}

impl Limits {
    /// The names, in the order of the fields.
    pub const NAMES: [&str; 8] = [
        "depth_max",
        "part_bytes_max",
        "held_bytes_max",
        "faults_max",
        "files_max",
        "name_bytes_max",
        "schema_bytes_max",
        "lookup_rows_max",
    ];

    /// The limit of a name, to read or to set.
    pub fn named(&mut self, name: &str) -> Option<&mut u64> {
        Some(match name {
            "depth_max" => &mut self.depth_max,
            "part_bytes_max" => &mut self.part_bytes_max,
            "held_bytes_max" => &mut self.held_bytes_max,
            "faults_max" => &mut self.faults_max,
            "files_max" => &mut self.files_max,
            "name_bytes_max" => &mut self.name_bytes_max,
            "schema_bytes_max" => &mut self.schema_bytes_max,
            "lookup_rows_max" => &mut self.lookup_rows_max,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Limits;

    #[test]
    fn every_name_is_a_limit() {
        let mut limits = Limits::default();
        for name in Limits::NAMES {
            *limits.named(name).unwrap() = 1;
        }
        assert_eq!(limits.named("bytes"), None);
        assert_eq!(format!("{limits:?}").matches(": 1").count(), Limits::NAMES.len());
    }
}

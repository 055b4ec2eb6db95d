"""A nation on one machine: partitions of whole patients, judged one by one in bounded memory."""

"""Reading only: counts, histories, integrity; nothing here writes."""

import json
from pathlib import Path
from .build import build
out = Path(__file__).parent / 'build'
out.mkdir(exist_ok=True)
looks = []
for i, n, hair, c in (('leo', 'Leo', 'sweep', dict(skin='#e6ab8b', hair='#3b2117', brows='#2a1710', eyes='#6b4423', clothes='#3f6d8c', cords='#f3ead9')),
                 ('mira', 'Mira', 'bob', dict(skin='#c9946f', hair='#2a1a1a', brows='#1d1212', eyes='#4a2d18', clothes='#e07a5f', cords='#fff1e8'))):
    build(str(out / f'{i}.glb'), hair)
    looks.append(dict(id=i, name=n, file=f'{i}.glb', colours=c))
presets = dict(skin=['#f3c3a5', '#e6ab8b', '#c9946f', '#a06a48', '#7d5540', '#573728'], hair=['#17110f', '#3b2117', '#b4501f', '#d8b06a', '#9a9a9c', '#4b3b78'],
   brows=['#100c0a', '#2a1710', '#81391a', '#8f8f92'], eyes=['#4a2d18', '#6b4423', '#4f8a5b', '#3f79a8', '#6f7f88'], clothes=['#3f6d8c', '#d9a441', '#5b7f63', '#e07a5f', '#3c3f52'])
(out / 'looks.json').write_text(json.dumps(dict(looks=looks, presets=presets), indent=2))

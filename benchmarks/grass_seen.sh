# grass --tmp-location LAND.tif --exec sh benchmarks/grass_seen.sh LAND.tif X Y HEIGHT TARGET REFRACTION OUT.tif: 1 where a target at that height above ground is seen.
set -e
r.in.gdal input="$1" output=land --quiet
g.region raster=land
r.viewshed -c -r -b input=land output=seen coordinates="$2,$3" observer_elevation="$4" target_elevation="$5" refraction_coeff="$6" memory=4000 --quiet
r.out.gdal -f input=seen output="$7" format=GTiff type=Byte --quiet --overwrite
